#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "tests/unit/client/ctl_run.h"
#include "tests/unit/client/fake_host.h"

namespace ccplace::ctl {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

TEST(PlacementTest, RendersWhatTheHostAsksFor) {
  FakeHost host;
  const CtlRun run = CtlOn(host, {"placement", "render", "--root-name", "node-1"});
  EXPECT_EQ(run.code, kExitYes) << run.err;
  EXPECT_THAT(run.out, AllOf(HasSubstr("node-1_intel_tdx present"), HasSubstr("total 63"),
                             HasSubstr("HW_CPU_X86_INTEL_TDX")));
}

TEST(PlacementTest, RendersTheInventoryThatPlacementTakes) {
  FakeHost host;
  const CtlRun run = CtlOn(host, {"placement", "render", "-o", "json", "--root-name", "node-1",
                                  "--root-uuid", "6ba7b810-9dad-11d1-80b4-00c04fd430c8"});
  const auto report = nlohmann::json::parse(run.out, nullptr, false);
  ASSERT_TRUE(report.is_array() && report.size() == 4) << run.out << run.err;
  EXPECT_EQ(report[0]["uuid"], "19e48d35-ffe6-50d5-86f0-eb01e1f98a00");
  EXPECT_EQ(report[0]["inventories"]["MEM_ENCRYPTION_CONTEXT"]["total"], 63);
  EXPECT_EQ(report[0]["inventories"]["MEM_ENCRYPTION_CONTEXT"]["max_unit"], 1);
}

TEST(PlacementTest, RendersTheClassThatTheHostsQueriesName) {
  FakeHost host;
  host.Change([](v1::HostCapabilities& capabilities) {
    capabilities.mutable_policy()->set_tdx_key_class("CUSTOM_CCPLACE_INTEL_TDX_KEY");
  });
  const CtlRun run = CtlOn(host, {"placement", "render", "--root-name", "node-1"});
  EXPECT_THAT(run.out, AllOf(HasSubstr("node-1_ccplace_intel_tdx present"),
                             HasSubstr("CUSTOM_CCPLACE_INTEL_TDX_KEY: total 63, reserved 63")));
}

TEST(PlacementTest, RendersWhatIsLeftToTheOwnerThatIsNamed) {
  FakeHost host;
  const CtlRun before =
      CtlOn(host, {"placement", "render", "--root-name", "n", "--owner", "nova-before-34"});
  EXPECT_THAT(before.out, HasSubstr("n_ccplace_intel_tdx present"));
  const CtlRun after =
      CtlOn(host, {"placement", "render", "--root-name", "n", "--owner", "nova-34"});
  EXPECT_THAT(after.out, AllOf(HasSubstr("nova 34 or later makes this host's children"),
                               Not(HasSubstr("total 63"))));
  EXPECT_EQ(CtlOn(host, {"placement", "render", "--owner", "me"}).code, kExitUsage);
}

TEST(PlacementTest, SaysWhichSettingOfTheCloudIsMissing) {
  const CtlRun run = Ctl({"placement", "diff"});
  EXPECT_EQ(run.code, kExitUsage);
  EXPECT_THAT(run.err, HasSubstr("OS_AUTH_URL"));
}

TEST(PlacementTest, GivesNoAnswerWhenPlacementIsDown) {
  FakeHost host;
  CtlTerminal terminal;
  terminal.variables = {{"OS_AUTH_TYPE", "none"}, {"OS_ENDPOINT", "http://127.0.0.1:1"}};
  const CtlRun run = CtlOn(host, {"placement", "diff", "--root-name", "node-1"}, "", terminal);
  EXPECT_EQ(run.code, kExitNoAnswer);
  EXPECT_THAT(run.err, HasSubstr("127.0.0.1:1"));
}

TEST(PlacementTest, NeedsToBeToldWhatToDo) { EXPECT_EQ(Ctl({"placement"}).code, kExitUsage); }

}  // namespace
}  // namespace ccplace::ctl
