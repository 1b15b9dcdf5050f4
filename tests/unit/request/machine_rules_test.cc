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

void Expect(const std::vector<Case>& cases,
            v1::RequestDialect dialect = v1::REQUEST_DIALECT_UNSPECIFIED) {
  for (const Case& c : cases) {
    auto request = Good(c.model, c.image, c.flavor);
    request.set_dialect(dialect);
    const auto answer = Judged(request);
    EXPECT_EQ(ReasonsOf(answer), c.reasons) << answer.DebugString();
    EXPECT_EQ(answer.decision(), c.reasons.empty() ? v1::DECISION_ACCEPTED : v1::DECISION_REJECTED);
    EXPECT_NE(answer.judged().dialect(), v1::REQUEST_DIALECT_UNSPECIFIED);
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

TEST(MachineRulesTest, FirmwareMayBeSaidByTheFlavorInTheBlueprintsDialect) {
  Expect({{"intel-tdx", {{"hw_firmware_type", "(none)"}}, {{"hw:firmware_type", "uefi"}}, {}},
          {"intel-tdx", {}, {{"hw:firmware_type", "uefi"}}, {}},
          {"intel-tdx",
           {{"hw_firmware_type", "(none)"}},
           {{"hw:firmware_type", "bios"}},
           {"FIRMWARE_NOT_UEFI"}},
          {"intel-tdx",
           {},
           {{"hw:firmware_type", "bios"}},
           {"FIRMWARE_NOT_UEFI", "FIRMWARE_CONFLICT"}}},
         v1::REQUEST_DIALECT_BLUEPRINT);
}

// As nova 34 answers: 400 for the first, and a server for the others.
TEST(MachineRulesTest, ReleasedNovaReadsFirmwareAndMachineOfTheImageAlone) {
  const std::vector<Case> cases = {
      {"intel-tdx",
       {{"hw_firmware_type", "(none)"}},
       {{"hw:firmware_type", "uefi"}},
       {"FIRMWARE_NOT_UEFI"}},
      {"intel-tdx", {}, {{"hw:firmware_type", "bios"}}, {}},
      {"intel-tdx", {}, {{"hw:machine_type", "pc"}}, {}},
      {"intel-tdx", {{"hw_machine_type", "(none)"}}, {{"hw:machine_type", "pc"}}, {}}};
  Expect(cases);
  Expect(cases, v1::REQUEST_DIALECT_NOVA);
  for (const Case& c : cases) {
    EXPECT_THAT(WarningsOf(Judged(Good(c.model, c.image, c.flavor))), ElementsAre("KEY_NOT_READ"));
  }
}

TEST(MachineRulesTest, ThePolicySaysHowFlavorsAreReadWhereTheRequestDoesNot) {
  v1::HostPolicy policy = UsualPolicy();
  policy.set_request_dialect(v1::REQUEST_DIALECT_BLUEPRINT);
  auto request = Good("intel-tdx", {}, {{"hw:firmware_type", "bios"}});
  EXPECT_EQ(EvaluateUnder(policy, request).decision(), v1::DECISION_REJECTED);
  request.set_dialect(v1::REQUEST_DIALECT_NOVA);
  EXPECT_EQ(EvaluateUnder(policy, request).decision(), v1::DECISION_ACCEPTED);
}

TEST(MachineRulesTest, SaysOfTheBlueprintsRequestsWhichReleasedNovaRefuses) {
  const auto warnings = [](const Pairs& image, const Pairs& flavor) {
    v1::HostPolicy policy;
    policy.set_default_machine_type("pc");
    return WarningsOf(EvaluateUnder(policy, Blueprint(Good("intel-tdx", image, flavor))));
  };
  EXPECT_THAT(warnings({{"hw_firmware_type", "(none)"}}, {{"hw:firmware_type", "uefi"}}),
              ElementsAre("RELEASED_NOVA_REFUSES"));
  EXPECT_THAT(warnings({{"hw_machine_type", "(none)"}}, {{"hw:machine_type", "q35"}}),
              ElementsAre("RELEASED_NOVA_REFUSES"));
  EXPECT_THAT(warnings({}, {{"hw:firmware_type", "uefi"}, {"hw:machine_type", "q35"}}), IsEmpty());
}

TEST(MachineRulesTest, AnImageNamesAPageSizeWhereTheFlavorLeavesItRoom) {
  const char* conflict = "PAGE_SIZE_CONFLICT";
  Expect({{"amd-sev", {{"hw_mem_page_size", "2MB"}}, {}, {conflict}},
          {"amd-sev", {{"hw_mem_page_size", "2MB"}}, {{"hw:mem_page_size", "any"}}, {}},
          {"amd-sev", {{"hw_mem_page_size", "2MB"}}, {{"hw:mem_page_size", "large"}}, {}},
          {"amd-sev", {{"hw_mem_page_size", "2MB"}}, {{"hw:mem_page_size", "2MB"}}, {conflict}},
          {"amd-sev", {{"hw_mem_page_size", "4"}}, {{"hw:mem_page_size", "small"}}, {conflict}},
          {"amd-sev", {}, {{"hw:mem_page_size", "2MB"}}, {}}});
}

TEST(MachineRulesTest, APageSizeIsOneThatNovaStartsAServerWith) {
  const auto reasons = [](const Pairs& flavor, const Pairs& image = {}) {
    return ReasonsOf(Judged(Good("amd-sev", image, flavor)));
  };
  for (const char* size : {"2M", "2mb", "huge"}) {
    EXPECT_THAT(reasons({{"hw:mem_page_size", size}}), ElementsAre("INVALID_VALUE")) << size;
    EXPECT_THAT(reasons({{"hw:mem_page_size", "any"}}, {{"hw_mem_page_size", size}}),
                ElementsAre("INVALID_VALUE"))
        << size;
  }
  EXPECT_THAT(reasons({{"hw:mem_page_size", "2MB"}}), IsEmpty());
  EXPECT_THAT(reasons({{"hw:mem_page_size", ""}}), IsEmpty());
}

TEST(MachineRulesTest, LockedMemoryNeedsAPageSizeAndOneWord) {
  const char* unsized = "LOCKED_MEMORY_WITHOUT_PAGE_SIZE";
  const char* conflict = "LOCKED_MEMORY_CONFLICT";
  Expect({{"amd-sev", {}, {{"hw:locked_memory", "true"}}, {unsized}},
          {"amd-sev", {{"hw_locked_memory", "true"}}, {}, {unsized}},
          {"amd-sev", {}, {{"hw:locked_memory", "true"}, {"hw:mem_page_size", "4"}}, {}},
          {"amd-sev", {}, {{"hw:locked_memory", "false"}}, {}},
          {"amd-sev", {{"hw_locked_memory", "true"}}, {{"hw:locked_memory", "no"}}, {conflict}}});
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
          {"intel-tdx", {}, {{"hw:machine_type", "pc"}}, {"MACHINE_NOT_Q35", "MACHINE_CONFLICT"}}},
         v1::REQUEST_DIALECT_BLUEPRINT);
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
          {"intel-tdx", {}, {{"os:secure_boot", ""}}, {}},
          {"intel-tdx", {{"os_secure_boot", "required"}}, {{"os:secure_boot", ""}}, {}},
          {"intel-tdx", {{"os_secure_boot", ""}}, {}, {"INVALID_VALUE"}},
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
