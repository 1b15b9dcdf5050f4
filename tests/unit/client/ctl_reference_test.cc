// Reference values of a host and of a guest, as ccplaced states them.
#include <nlohmann/json.hpp>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/unit/client/ctl_run.h"

namespace ccplace::ctl {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::Not;

constexpr char kUuid[] = "6a1d2f3c-58b7-4c0e-9d51-0c6f3a7b9e24";

std::string Repeated(const std::string& digits) {
  std::string out;
  for (int i = 0; i < 48; ++i) out += digits;
  return out;
}

TEST(ReferenceTest, OfAHostLeavesOutWhatEachGuestHasOfItsOwn) {
  FakeHost host;
  const CtlRun run = CtlOn(host, {"reference"});
  EXPECT_EQ(run.code, kExitYes) << run.err;
  EXPECT_EQ(json::parse(run.out)["mr_td"], Repeated("cd"));
  EXPECT_FALSE(json::parse(run.out).contains("mr_config_id"));
  EXPECT_THAT(run.err, HasSubstr("left out: mr_config_id: each guest has its own"));
  EXPECT_THAT(run.err, HasSubstr("left out: rtmr0: "));
}

TEST(ReferenceTest, OfAGuestHasItsLaunchFields) {
  FakeHost host;
  ASSERT_EQ(CtlOn(host, {"define", Example("domain-tdx.json")}).code, kExitYes);
  const CtlRun run = CtlOn(host, {"reference", kUuid, "-o", "intel"});
  EXPECT_EQ(run.code, kExitYes) << run.err;
  const json reference = json::parse(run.out)["policy_array"][0]["reference"];
  EXPECT_EQ(reference["tdx_attributes"], "0000000010000000");
  EXPECT_EQ(reference["tdx_mrowner"], std::string(96, '0'));
  EXPECT_THAT(run.err, HasSubstr("bit 30"));
  EXPECT_THAT(run.err, Not(HasSubstr("left out: mr_config_id")));
}

TEST(ReferenceTest, OfAHostNamesItsModuleAndWhatWasPublishedOfIt) {
  FakeHost host;
  EXPECT_FALSE(json::parse(CtlOn(host, {"reference"}).out).contains("tdx_module"));
  host.Change([](v1::HostCapabilities& now) { now.mutable_versions()->set_tdx_module("1.5.24"); });
  const json known = json::parse(CtlOn(host, {"reference"}).out);
  EXPECT_EQ(known["tdx_module"], "1.5.24");
  EXPECT_EQ(known["published_of_tdx_module"]["minor_svn"], 13);
  EXPECT_EQ(known["published_of_tdx_module"]["mr_seam"].get<std::string>().substr(0, 8),
            "489e585f");
  host.Change([](v1::HostCapabilities& now) { now.mutable_versions()->set_tdx_module("1.5.99"); });
  const json unknown = json::parse(CtlOn(host, {"reference"}).out);
  EXPECT_EQ(unknown["tdx_module"], "1.5.99");
  EXPECT_FALSE(unknown.contains("published_of_tdx_module"));
}

TEST(ReferenceTest, SaysThatThereIsNoSuchGuest) {
  FakeHost host;
  const CtlRun run = CtlOn(host, {"reference", kUuid});
  EXPECT_EQ(run.code, kExitNo);
  EXPECT_THAT(run.err, HasSubstr("defined no trust domain"));
}

TEST(ReferenceTest, NeverFillsInAnMrtdThatIsNotKnown) {
  FakeHost host;
  host.Change([](v1::HostCapabilities& now) {
    now.mutable_tdx_firmware()->clear_mrtd();
    now.mutable_tdx_firmware()->set_unread("not a TDVF: it holds no TDX metadata");
  });
  const CtlRun run = CtlOn(host, {"reference", "-o", "trustee"});
  EXPECT_EQ(run.code, kExitNoAnswer);
  EXPECT_EQ(run.out, "");
  EXPECT_THAT(run.err, HasSubstr("is not known: not a TDVF"));
}

TEST(ReferenceTest, RefusesAUuidBesideAFile) {
  EXPECT_EQ(Ctl({"reference", kUuid, "--firmware", "x.fd"}).code, kExitUsage);
  EXPECT_EQ(Ctl({"reference", "-o", "yaml"}).code, kExitUsage);
}

}  // namespace
}  // namespace ccplace::ctl
