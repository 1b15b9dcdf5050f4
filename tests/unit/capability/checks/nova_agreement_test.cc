// What is said of a nova.conf beside the daemon's own options.
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/unit/capability/host_under_test.h"

namespace ccplace {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kNovaConf[] = "/etc/nova/nova.conf";
constexpr char kFitting[] =
    "[libvirt]\ncpu_mode=host-passthrough\nvirt_type=kvm\nhw_machine_type=x86_64=q35\n"
    "[DEFAULT]\ntransport_url=rabbit://u:hunter2@h\n";

class NovaAgreementTest : public ::testing::Test {
 protected:
  NovaAgreementTest() {
    MakeTdxHost(host_);
    host_.fact_options.nova_config = {kNovaConf};
  }

  v1::Check CheckWith(absl::string_view nova_conf) {
    host_.files.WriteFile(kNovaConf, nova_conf);
    return host_.Check(kTdx, v1::CHECK_KIND_NOVA_AGREEMENT);
  }
  CapabilityOptions Taken(absl::string_view nova_conf, const std::set<std::string>& stated) {
    host_.files.WriteFile(kNovaConf, nova_conf);
    CapabilityOptions options;
    TakeFromNova(ReadNovaConfig(host_.files, {kNovaConf}), stated, options);
    return options;
  }

  HostUnderTest host_;
};

TEST_F(NovaAgreementTest, IsNoCheckWhereNoNovaConfWasNamed) {
  host_.fact_options.nova_config = {};
  const v1::ModelCapability model = host_.Model(kTdx);
  for (const v1::Check& check : model.checks()) {
    EXPECT_NE(check.kind(), v1::CHECK_KIND_NOVA_AGREEMENT);
  }
}

TEST_F(NovaAgreementTest, PassesWhereBothSayTheSameAndTellsNoSecret) {
  const v1::Check check = CheckWith(kFitting);
  EXPECT_EQ(check.result(), v1::CHECK_RESULT_PASS) << check.DebugString();
  EXPECT_FALSE(check.gate());
  EXPECT_EQ(check.source(), kNovaConf);
  EXPECT_THAT(check.found(), AllOf(HasSubstr("cpu_mode host-passthrough"), HasSubstr("q35")));
  EXPECT_THAT(host_.Model(kTdx).DebugString(), Not(HasSubstr("hunter2")));
}

TEST_F(NovaAgreementTest, SaysWhatNovaWillDoWhereTheyDiffer) {
  const v1::Check check = CheckWith("[libvirt]\nnum_intel_tdx_guests=5\n");
  EXPECT_EQ(check.result(), v1::CHECK_RESULT_FAIL);
  EXPECT_THAT(check.found(),
              AllOf(HasSubstr("ccplaced has host-passthrough (--cpu_mode), nova host-model (nova's "
                              "default): nova 34 then reports no TDX key"),
                    HasSubstr("nova pc (nova's default): nova's requests must name q35"),
                    HasSubstr("num_intel_tdx_guests: ccplaced has none (--tdx_guest_limit), nova "
                              "5")));
  EXPECT_THAT(check.remedy(), HasSubstr("take --cpu_mode away, or set [libvirt] cpu_mode"));
  EXPECT_EQ(host_.Model(kTdx).verdict(), v1::SUPPORT_SUPPORTED);
}

TEST_F(NovaAgreementTest, SaysWithWhichModelsNovaComputeDoesNotStart) {
  EXPECT_THAT(CheckWith(absl::StrCat(kFitting, "[libvirt]\ncpu_models=Haswell\n")).found(),
              HasSubstr("cpu_models is set and cpu_mode is host-passthrough: nova-compute does not "
                        "start"));
  host_.options.cpu_mode = "custom";
  EXPECT_THAT(CheckWith(absl::StrCat(kFitting, "[libvirt]\ncpu_mode=custom\n")).found(),
              HasSubstr("cpu_models is empty"));
}

TEST_F(NovaAgreementTest, SaysThatNovasOptionWinsOverTheKernelsCount) {
  host_.options.tdx_guest_limit = 1000;
  EXPECT_THAT(CheckWith(absl::StrCat(kFitting, "[libvirt]\nnum_intel_tdx_guests=1000\n")).found(),
              HasSubstr("nova reports 1000, and the host has"));
}

TEST_F(NovaAgreementTest, SaysThatNovaHoldsNoKeysBack) {
  host_.options.tdx_reserved_keys = 3;
  const v1::Check check = CheckWith(kFitting);
  EXPECT_EQ(check.result(), v1::CHECK_RESULT_FAIL);
  EXPECT_THAT(check.remedy(), HasSubstr("num_intel_tdx_guests = "));
}

TEST_F(NovaAgreementTest, IsUnknownWithTheRemedyWhereItCannotBeRead) {
  const v1::Check absent = host_.Check(kTdx, v1::CHECK_KIND_NOVA_AGREEMENT);
  EXPECT_EQ(absent.result(), v1::CHECK_RESULT_UNKNOWN);
  EXPECT_THAT(absent.found(), HasSubstr(kNovaConf));
  EXPECT_THAT(absent.remedy(), HasSubstr("group nova"));
  EXPECT_EQ(CheckWith("[libvirt]\ncpu_mode=$mode\n").result(), v1::CHECK_RESULT_UNKNOWN);
  EXPECT_EQ(host_.Model(kTdx).verdict(), v1::SUPPORT_SUPPORTED);
}

TEST_F(NovaAgreementTest, TakesWhatTheOptionsLeaveOpenAndNamesTheSource) {
  const CapabilityOptions options =
      Taken(absl::StrCat(kFitting, "[libvirt]\nnum_intel_tdx_guests=7\n"), {});
  EXPECT_EQ(options.cpu_mode, "host-passthrough");
  EXPECT_EQ(options.cpu_mode_source, "[libvirt] cpu_mode in /etc/nova/nova.conf");
  EXPECT_EQ(options.default_machine_type, "q35");
  EXPECT_EQ(options.tdx_guest_limit, 7u);
  host_.options = options;
  EXPECT_EQ(host_.Check(kTdx, v1::CHECK_KIND_CPU_MODE).source(), options.cpu_mode_source);
  EXPECT_EQ(host_.Check(kTdx, v1::CHECK_KIND_NOVA_AGREEMENT).result(), v1::CHECK_RESULT_PASS);
}

TEST_F(NovaAgreementTest, TakesNovasDefaultsAndThenTheHostRunsNoTrustDomain) {
  host_.options = Taken("[libvirt]\n", {});
  const v1::Check check = host_.Check(kTdx, v1::CHECK_KIND_CPU_MODE);
  EXPECT_EQ(check.result(), v1::CHECK_RESULT_FAIL);
  EXPECT_EQ(check.source(), "nova's default of [libvirt] cpu_mode");
}

TEST_F(NovaAgreementTest, LeavesWhatTheOptionsStateAndAllWhereItCannotBeRead) {
  EXPECT_EQ(Taken("[libvirt]\ncpu_mode=none\n", {"cpu_mode"}).cpu_mode, "host-passthrough");
  EXPECT_EQ(Taken("[libvirt\n", {}).cpu_mode, "host-passthrough");
  EXPECT_EQ(Taken("[libvirt\n", {}).cpu_mode_source, "--cpu_mode");
}

TEST_F(NovaAgreementTest, AsksForARestartWhereNovaConfChangedSince) {
  host_.options = Taken(kFitting, {});
  const v1::Check check = CheckWith("[libvirt]\ncpu_mode=host-model\nhw_machine_type=x86_64=q35\n");
  EXPECT_EQ(check.result(), v1::CHECK_RESULT_FAIL);
  EXPECT_THAT(check.remedy(), HasSubstr("restart ccplaced"));
}

}  // namespace
}  // namespace ccplace
