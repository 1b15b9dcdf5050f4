// The least version of the TDX module, and what is told of the one that is loaded.
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/unit/capability/host_under_test.h"

namespace ccplace {
namespace {

using ::testing::HasSubstr;

constexpr char kVersionFile[] = "/sys/devices/faux/tdx_host/version";

class TdxModuleCheckTest : public ::testing::Test {
 protected:
  TdxModuleCheckTest() {
    MakeTdxHost(host_);
    host_.options.tdx_min_module_versions = {{1, 5, 24}, {2, 0, 14}};
  }
  v1::Check With(absl::string_view version) {
    host_.files.WriteFile(kVersionFile, version);
    return host_.Check(kTdx, v1::CHECK_KIND_TDX_MODULE_VERSION);
  }
  v1::Support Verdict() { return host_.Model(kTdx).verdict(); }

  HostUnderTest host_;
};

TEST_F(TdxModuleCheckTest, IsNoneWhereNoVersionIsDemanded) {
  host_.options.tdx_min_module_versions.clear();
  EXPECT_EQ(With("1.5.01\n").kind(), v1::CHECK_KIND_UNSPECIFIED);
  EXPECT_EQ(Verdict(), v1::SUPPORT_SUPPORTED);
}

TEST_F(TdxModuleCheckTest, PassesFromTheLeastVersionOfTheModulesLineOn) {
  for (const char* version : {"1.5.24\n", "1.5.25\n", "1.5.34\n", "2.0.14\n", "2.0.20\n"}) {
    EXPECT_EQ(With(version).result(), kPass) << version;
  }
  EXPECT_EQ(With("1.5.24\n").found(), "1.5.24 (SVN 1.13, built 2025-07-29)");
  EXPECT_EQ(Verdict(), v1::SUPPORT_SUPPORTED);
}

TEST_F(TdxModuleCheckTest, FailsBelowItAsAGateAndNamesTheRepair) {
  for (const char* version : {"1.5.06\n", "1.5.20\n", "2.0.12\n"}) {
    EXPECT_EQ(With(version).result(), kFail) << version;
  }
  const v1::Check check = With("1.5.20\n");
  EXPECT_TRUE(check.gate());
  EXPECT_THAT(check.found(), HasSubstr("1.5.20"));
  EXPECT_THAT(check.found(), HasSubstr("older than 1.5.24"));
  EXPECT_EQ(check.source(),
            "/sys/devices/faux/tdx_host/version, --tdx_min_module_version=1.5.24,2.0.14");
  EXPECT_THAT(check.remedy(), HasSubstr("load TDX module 1.5.24 or later"));
  EXPECT_EQ(Verdict(), v1::SUPPORT_UNSUPPORTED);
}

TEST_F(TdxModuleCheckTest, FailsOnALineThatIsOlderThanAllThatAreNamed) {
  const v1::Check check = With("1.0.07\n");
  EXPECT_EQ(check.result(), kFail);
  EXPECT_THAT(check.remedy(), HasSubstr("1.5.24,2.0.14"));
}

TEST_F(TdxModuleCheckTest, ALineThatIsNotNamedIsUnknown) {
  for (const char* version : {"1.6.01\n", "2.1.01\n", "3.0.00\n"}) {
    EXPECT_EQ(With(version).result(), kUnknown) << version;
  }
  EXPECT_THAT(With("2.1.01\n").found(), HasSubstr("names none of line 2.1"));
  EXPECT_EQ(Verdict(), v1::SUPPORT_UNKNOWN);
}

TEST_F(TdxModuleCheckTest, AVersionThatCannotBeReadIsUnknown) {
  host_.files.Remove(kVersionFile);
  const v1::Check absent = host_.Check(kTdx, v1::CHECK_KIND_TDX_MODULE_VERSION);
  EXPECT_EQ(absent.result(), kUnknown);
  EXPECT_THAT(absent.remedy(), HasSubstr("Linux 7.2"));
  for (const char* text : {"", "soon\n", "1.5\n"}) EXPECT_EQ(With(text).result(), kUnknown) << text;
  EXPECT_EQ(Verdict(), v1::SUPPORT_UNKNOWN);
}

TEST_F(TdxModuleCheckTest, AVersionThatWasNeverPublishedIsJudgedByItsNumber) {
  EXPECT_EQ(With("1.5.99\n").result(), kPass);
  EXPECT_THAT(With("1.5.99\n").found(), HasSubstr("not in the table of published modules"));
}

TEST_F(TdxModuleCheckTest, CapabilitiesSayWhatWasPublishedOfTheModule) {
  host_.files.WriteFile(kVersionFile, "1.5.24\n");
  const v1::TdxModule known = host_.Read().capabilities.tdx_module();
  EXPECT_EQ(known.version(), "1.5.24");
  EXPECT_TRUE(known.published());
  EXPECT_EQ(known.minor_svn(), 13u);
  EXPECT_EQ(known.major_svn(), 1u);
  EXPECT_EQ(known.mr_seam().size(), 48u);
  EXPECT_EQ(known.mr_seam().substr(0, 2), "\x48\x9e");
  EXPECT_THAT(known.source(), HasSubstr("2026-11-30"));
  host_.files.WriteFile(kVersionFile, "1.5.99\n");
  const v1::TdxModule other = host_.Read().capabilities.tdx_module();
  EXPECT_EQ(other.version(), "1.5.99");
  EXPECT_FALSE(other.published());
  EXPECT_EQ(other.mr_seam(), "");
  host_.files.Remove(kVersionFile);
  EXPECT_EQ(host_.Read().capabilities.tdx_module().version(), "");
}

TEST_F(TdxModuleCheckTest, ThePolicySaysWhatIsDemanded) {
  EXPECT_THAT(host_.Read().capabilities.policy().tdx_min_module_versions(),
              ::testing::ElementsAre("1.5.24", "2.0.14"));
}

}  // namespace
}  // namespace ccplace
