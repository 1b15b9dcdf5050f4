#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/unit/request/request_builder.h"

namespace ccplace {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Not;

// One change to a good request of `model`, and every violation it makes.
struct Case {
  const char* model;
  Pairs image;
  Pairs flavor;
  std::vector<std::string> reasons;
};

void Expect(const std::vector<Case>& cases) {
  for (const Case& c : cases) {
    const auto answer = Judged(Good(c.model, c.image, c.flavor));
    EXPECT_EQ(ReasonsOf(answer), c.reasons) << answer.DebugString();
    EXPECT_EQ(answer.decision(), c.reasons.empty() ? v1::DECISION_ACCEPTED : v1::DECISION_REJECTED);
  }
}

TEST(MachineRulesTest, FirmwareMustBeUefiForEveryModel) {
  for (const char* model : {"intel-tdx", "amd-sev", "amd-sev-es", "amd-sev-snp"}) {
    Expect({{model, {{"hw_firmware_type", "bios"}}, {}, {"FIRMWARE_NOT_UEFI"}},
            {model, {{"hw_firmware_type", "UEFI"}}, {}, {"FIRMWARE_NOT_UEFI"}},
            {model, {{"hw_firmware_type", ""}}, {}, {"FIRMWARE_NOT_UEFI"}},
            {model, {{"hw_firmware_type", "(none)"}}, {}, {"FIRMWARE_NOT_UEFI"}}});
  }
  const auto missing = Judged(Good("amd-sev", {{"hw_firmware_type", "(none)"}}));
  EXPECT_THAT(OffendersOf(missing.violations(0)), ElementsAre("IMAGE hw_firmware_type"));
}

TEST(MachineRulesTest, FirmwareMayBeSaidByTheFlavor) {
  Expect({{"intel-tdx", {{"hw_firmware_type", "(none)"}}, {{"hw:firmware_type", "uefi"}}, {}},
          {"intel-tdx", {}, {{"hw:firmware_type", "uefi"}}, {}},
          {"intel-tdx",
           {{"hw_firmware_type", "(none)"}},
           {{"hw:firmware_type", "bios"}},
           {"FIRMWARE_NOT_UEFI"}},
          {"intel-tdx",
           {},
           {{"hw:firmware_type", "bios"}},
           {"FIRMWARE_NOT_UEFI", "FIRMWARE_CONFLICT"}}});
}

TEST(MachineRulesTest, MachineMustBeQ35) {
  Expect({{"amd-sev", {{"hw_machine_type", "pc-q35-9.2"}}, {}, {}},
          {"amd-sev", {{"hw_machine_type", "pc-q35-noble"}}, {}, {}},
          {"amd-sev", {{"hw_machine_type", "pc"}}, {}, {"MACHINE_NOT_Q35"}},
          {"amd-sev", {{"hw_machine_type", "pc-i440fx-9.2"}}, {}, {"MACHINE_NOT_Q35"}},
          {"amd-sev", {{"hw_machine_type", "Q35"}}, {}, {"MACHINE_NOT_Q35"}},
          {"amd-sev", {{"hw_machine_type", ""}}, {}, {"MACHINE_NOT_Q35"}},
          {"intel-tdx", {{"hw_machine_type", "(none)"}}, {{"hw:machine_type", "q35"}}, {}},
          {"intel-tdx",
           {{"hw_machine_type", "(none)"}},
           {{"hw:machine_type", "virt"}},
           {"MACHINE_NOT_Q35"}},
          {"intel-tdx", {}, {{"hw:machine_type", "pc-q35-9.2"}}, {"MACHINE_CONFLICT"}},
          {"intel-tdx", {}, {{"hw:machine_type", "pc"}}, {"MACHINE_NOT_Q35", "MACHINE_CONFLICT"}}});
}

TEST(MachineRulesTest, HostsDefaultMachineCountsWhereNobodySaysOne) {
  const auto silent = Good("amd-sev", {{"hw_machine_type", "(none)"}});
  EXPECT_EQ(Judged(silent).decision(), v1::DECISION_ACCEPTED);
  v1::HostPolicy policy;
  const auto unknown = EvaluateUnder(policy, silent);
  EXPECT_THAT(ReasonsOf(unknown), ElementsAre("MACHINE_NOT_Q35"));
  EXPECT_THAT(OffendersOf(unknown.violations(0)),
              ElementsAre("IMAGE hw_machine_type", "HOST default_machine_type"));
  policy.set_default_machine_type("pc");
  EXPECT_THAT(OffendersOf(EvaluateUnder(policy, silent).violations(0)),
              ElementsAre("IMAGE hw_machine_type", "HOST default_machine_type=pc"));
  EXPECT_EQ(EvaluateUnder(policy, Good("amd-sev")).decision(), v1::DECISION_ACCEPTED);
}

TEST(MachineRulesTest, FirmwareMustBeStatelessForTdxAndSnp) {
  for (const char* model : {"intel-tdx", "amd-sev-snp"}) {
    Expect({{model, {{"hw_firmware_stateless", "(none)"}}, {}, {"FIRMWARE_NOT_STATELESS"}},
            {model, {{"hw_firmware_stateless", "false"}}, {}, {"FIRMWARE_NOT_STATELESS"}},
            {model, {{"hw_firmware_stateless", "Yes"}}, {}, {}},
            {model,
             {{"hw_firmware_stateless", "enabled"}},
             {},
             {"INVALID_BOOLEAN", "FIRMWARE_NOT_STATELESS"}}});
  }
  for (const char* model : {"amd-sev", "amd-sev-es"}) {
    Expect({{model, {{"hw_firmware_stateless", "(none)"}}, {}, {}},
            {model, {{"hw_firmware_stateless", "false"}}, {}, {}},
            {model, {{"hw_firmware_stateless", "enabled"}}, {}, {"INVALID_BOOLEAN"}}});
  }
}

TEST(MachineRulesTest, VideoMustBeNoneForTdxAlone) {
  Expect({{"intel-tdx", {{"hw_video_model", "(none)"}}, {}, {"VIDEO_MODEL_NOT_NONE"}},
          {"intel-tdx", {{"hw_video_model", "virtio"}}, {}, {"VIDEO_MODEL_NOT_NONE"}},
          {"intel-tdx", {{"hw_video_model", "None"}}, {}, {"VIDEO_MODEL_NOT_NONE"}},
          {"amd-sev-snp", {{"hw_video_model", "(none)"}}, {}, {}},
          {"amd-sev", {{"hw_video_model", "virtio"}}, {}, {}}});
}

TEST(MachineRulesTest, PmuIsRefusedForTdx) {
  Expect({{"intel-tdx", {{"hw_pmu", "true"}}, {}, {"PMU_REQUESTED"}},
          {"intel-tdx", {}, {{"hw:pmu", "on"}}, {"PMU_REQUESTED"}},
          {"intel-tdx", {{"hw_pmu", "1"}}, {{"hw:pmu", "true"}}, {"PMU_REQUESTED"}},
          {"intel-tdx", {{"hw_pmu", "false"}}, {{"hw:pmu", "0"}}, {}},
          {"intel-tdx",
           {{"hw_pmu", "false"}},
           {{"hw:pmu", "true"}},
           {"PMU_CONFLICT", "PMU_REQUESTED"}},
          {"intel-tdx", {{"hw_pmu", "maybe"}}, {}, {"INVALID_BOOLEAN"}},
          {"amd-sev", {{"hw_pmu", "true"}}, {}, {}},
          {"amd-sev", {{"hw_pmu", "true"}}, {{"hw:pmu", "no"}}, {"PMU_CONFLICT"}}});
}

TEST(MachineRulesTest, SecureBootPolicyIsOneOfThreeAndTheSameOnBothSides) {
  Expect({{"intel-tdx", {{"os_secure_boot", "required"}}, {}, {}},
          {"intel-tdx", {{"os_secure_boot", "optional"}}, {{"os:secure_boot", "optional"}}, {}},
          {"intel-tdx", {{"os_secure_boot", "true"}}, {}, {"INVALID_VALUE"}},
          {"intel-tdx",
           {{"os_secure_boot", "disabled"}},
           {{"os:secure_boot", "required"}},
           {"SECURE_BOOT_CONFLICT"}}});
}

TEST(MachineRulesTest, WarnsThatGraphicsAreUselessInATrustDomainWhereTheyAreAskedFor) {
  const Pairs asking[] = {
      {{"hw_video_ram", "64"}}, {{"hw_pointer_model", "usbtablet"}}, {{"hw_input_bus", "usb"}}};
  for (const Pairs& graphics : asking) {
    EXPECT_THAT(WarningsOf(Judged(Good("intel-tdx", graphics))), ElementsAre("VNC_USELESS"));
    EXPECT_THAT(WarningsOf(Judged(Good("amd-sev-snp", graphics))), IsEmpty());
  }
}

TEST(MachineRulesTest, SaysOnceThatAVideoModelCannotBe) {
  const auto answer = Judged(Good("intel-tdx", {{"hw_video_model", "virtio"}}));
  EXPECT_THAT(ReasonsOf(answer), ElementsAre("VIDEO_MODEL_NOT_NONE"));
  EXPECT_THAT(WarningsOf(answer), IsEmpty());
}

TEST(MachineRulesTest, HasNothingToSayOfAGoodRequest) {
  for (const char* model : {"intel-tdx", "amd-sev", "amd-sev-es", "amd-sev-snp"}) {
    EXPECT_THAT(WarningsOf(Judged(Good(model))), IsEmpty());
  }
}

TEST(MachineRulesTest, WarnsOfHugePagesInATrustDomain) {
  for (const char* size : {"large", "any", "2048", "2MB", "1GB"}) {
    const auto by_flavor = Judged(Good("intel-tdx", {}, {{"hw:mem_page_size", size}}));
    EXPECT_EQ(by_flavor.decision(), v1::DECISION_ACCEPTED);
    EXPECT_THAT(WarningsOf(by_flavor), Contains("HUGE_PAGES_DEMOTED")) << size;
    EXPECT_THAT(WarningsOf(Judged(Good("intel-tdx", {{"hw_mem_page_size", size}}))),
                Contains("HUGE_PAGES_DEMOTED"));
  }
  EXPECT_THAT(WarningsOf(Judged(Good("intel-tdx", {}, {{"hw:mem_page_size", "small"}}))),
              Not(Contains("HUGE_PAGES_DEMOTED")));
  EXPECT_THAT(WarningsOf(Judged(Good("amd-sev", {}, {{"hw:mem_page_size", "large"}}))), IsEmpty());
}

}  // namespace
}  // namespace ccplace
