// Many hosts at one glance.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <nlohmann/json.hpp>

#include "tests/unit/client/ctl_run.h"

namespace ccplace::ctl {
namespace {

using nlohmann::json;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

constexpr char kNobody[] = "unix:/nonexistent/ccplaced.sock";

void SetNode(FakeHost& host, const std::string& name, const std::string& module = "1.5.24") {
  host.Change([&](v1::HostCapabilities& now) {
    now.set_node_name(name);
    now.mutable_versions()->set_tdx_module(module);
  });
}

json Difference(const json& fleet, const std::string& name) {
  for (const json& difference : fleet["summary"]["differences"]) {
    if (difference["name"] == name) return difference["groups"];
  }
  return nullptr;
}

TEST(FleetTest, ShowsARowAHostAndNamesWhatDiffers) {
  FakeHost one;
  FakeHost two;
  FakeHost three;
  SetNode(one, "node-1");
  SetNode(two, "node-2");
  SetNode(three, "node-3", "1.5.16");
  const CtlRun run = Ctl({"fleet", one.address(), two.address(), three.address()});
  EXPECT_EQ(run.code, kExitYes) << run.err;
  EXPECT_THAT(run.out, HasSubstr("node-1  intel-tdx  61 of 63   cdcdcdcdcdcd  1.5.24"));
  EXPECT_THAT(run.out, HasSubstr("3 of 3 hosts answered"));
  EXPECT_THAT(run.out, HasSubstr("intel-tdx: 3 can, 0 cannot, 0 unknown; keys: 183 free of 189"));
  EXPECT_THAT(run.out, HasSubstr("2 of 3 alike; what differs:"));
  EXPECT_THAT(run.out, HasSubstr("1 1.5.16: " + three.address()));
}

TEST(FleetTest, NeverHidesAnAnswerBehindAHostThatGivesNone) {
  FakeHost host;
  const CtlRun run = Ctl({"fleet", kNobody, host.address(), "-o", "json"});
  EXPECT_EQ(run.code, kExitNoAnswer);
  const json fleet = json::parse(run.out);
  EXPECT_EQ(fleet["summary"]["hosts"], 2);
  EXPECT_EQ(fleet["summary"]["answered"], 1);
  EXPECT_EQ(fleet["hosts"][0]["answered"], false);
  EXPECT_THAT(fleet["hosts"][0]["error"]["message"].get<std::string>(), HasSubstr("cannot reach"));
  EXPECT_EQ(fleet["hosts"][1]["models"]["intel-tdx"]["keys"]["free"], 61);
  EXPECT_EQ(fleet["summary"]["failures"][0]["hosts"], json::array({kNobody}));
}

TEST(FleetTest, OneHostThatHangsTakesItsOwnDeadlineAndNoMore) {
  FakeHost slow;
  slow.AnswerAfter(std::chrono::seconds(2));
  FakeHost host;
  const CtlRun run =
      Ctl({"fleet", slow.address(), host.address(), "--timeout", "0.3", "-o", "json"});
  const json fleet = json::parse(run.out);
  EXPECT_EQ(fleet["hosts"][0]["error"]["code"], "DEADLINE_EXCEEDED");
  EXPECT_EQ(fleet["hosts"][1]["answered"], true);
}

TEST(FleetTest, ReadsAListWithCommentsAndAsksEachHostOnce) {
  FakeHost host;
  const CtlRun run = Ctl({"fleet", "--hosts", "-", "-o", "json"},
                         "# rack 1\n" + host.address() + "  # first\n\n" + host.address() + "\n");
  EXPECT_EQ(run.code, kExitYes) << run.err;
  EXPECT_EQ(json::parse(run.out)["hosts"].size(), 1U);
}

TEST(FleetTest, NamesTheLineThatIsNoAddress) {
  const CtlRun run = Ctl({"fleet", "--hosts", "-"}, "unix:/a\nnowhere\n");
  EXPECT_EQ(run.code, kExitUsage);
  EXPECT_THAT(run.err, HasSubstr("'-', line 2: "));
  EXPECT_EQ(Ctl({"fleet"}).code, kExitUsage);
}

TEST(FleetTest, UnknownFiguresAreNoZeroes) {
  FakeHost host;
  host.Change([](v1::HostCapabilities& now) {
    now.mutable_models(0)->mutable_keys()->mutable_free()->clear_value();
  });
  const json fleet = json::parse(Ctl({"fleet", host.address(), "-o", "json"}).out);
  EXPECT_TRUE(fleet["hosts"][0]["models"]["intel-tdx"]["keys"]["free"].is_null());
  EXPECT_EQ(fleet["summary"]["differences"], json::array());
}

TEST(FleetTest, OffersFlavorsOfTheModelsThatSomeHostCanRunAlone) {
  FakeHost host;
  const json commands =
      json::parse(Ctl({"fleet", host.address(), "-o", "json"}).out)["summary"]["openstack"];
  ASSERT_EQ(commands.size(), 2U);
  EXPECT_THAT(commands[0].get<std::string>(),
              AllOf(HasSubstr("hw:mem_encryption_model=intel-tdx"), Not(HasSubstr("amd"))));
  EXPECT_THAT(commands[1].get<std::string>(), HasSubstr("hw_firmware_stateless=true"));
}

TEST(FleetTest, ImagesMustAllowSecureBootWhereSomeHostHasNoOtherFirmware) {
  for (const v1::Support without : {v1::SUPPORT_SUPPORTED, v1::SUPPORT_UNSUPPORTED}) {
    FakeHost host;
    host.Change([without](v1::HostCapabilities& now) {
      now.mutable_models(1)->set_verdict(v1::SUPPORT_SUPPORTED);  // amd-sev
      now.mutable_models(1)->mutable_firmware()->set_with_secure_boot(v1::SUPPORT_SUPPORTED);
      now.mutable_models(1)->mutable_firmware()->set_without_secure_boot(without);
    });
    const json commands =
        json::parse(Ctl({"fleet", host.address(), "-o", "json"}).out)["summary"]["openstack"];
    ASSERT_EQ(commands.size(), 4U);
    const bool is_told =
        commands[3].get<std::string>().find("os_secure_boot=optional") != std::string::npos;
    EXPECT_EQ(is_told, without == v1::SUPPORT_UNSUPPORTED);
    EXPECT_THAT(commands[1].get<std::string>(), Not(HasSubstr("os_secure_boot")));
  }
}

TEST(FleetTest, APageHoldsHostileNamesAsDataAlone) {
  FakeHost host;
  SetNode(host, "</script><script>alert(1)</script>");
  const CtlRun run = Ctl({"fleet", host.address(), "-o", "html"});
  EXPECT_EQ(run.code, kExitYes);
  EXPECT_THAT(run.out, Not(HasSubstr("<script>alert(1)")));
  EXPECT_THAT(run.out, HasSubstr("\\u003c/script\\u003e"));
  EXPECT_THAT(run.out, Not(HasSubstr("@FLEET_DATA@")));
}

TEST(FleetTest, DifferencesNameEachGroupWithItsHosts) {
  FakeHost one;
  FakeHost two;
  SetNode(one, "node-1", "1.5.24");
  SetNode(two, "node-2", "");
  const json groups = Difference(
      json::parse(Ctl({"fleet", one.address(), two.address(), "-o", "json"}).out), "TDX module");
  ASSERT_EQ(groups.size(), 2U);
  EXPECT_EQ(groups[1]["value"], "unknown");
  EXPECT_EQ(groups[1]["hosts"], json::array({two.address()}));
}

}  // namespace
}  // namespace ccplace::ctl
