#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/unit/request/request_builder.h"

namespace ccplace {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

const Pairs kFirm = {{"hw_firmware_type", "uefi"}, {"hw_machine_type", "q35"}};

Pairs Firm(const Pairs& more) {
  Pairs image = kFirm;
  image.insert(more.begin(), more.end());
  return image;
}

TEST(EncryptionRulesTest, RequestsThatAskForNothingAreNotConfidential) {
  for (const Pairs& flavor :
       {Pairs{}, Pairs{{"hw:mem_encryption", "false"}}, Pairs{{"hw:mem_encryption", " No "}},
        Pairs{{"hw:cpu_policy", "x"}}}) {
    const auto answer = Judged(Request(flavor, {{"hw_firmware_type", "bios"}}));
    EXPECT_EQ(answer.decision(), v1::DECISION_NOT_CONFIDENTIAL);
    EXPECT_EQ(answer.model(), v1::ENCRYPTION_MODEL_UNSPECIFIED);
    EXPECT_FALSE(answer.has_scheduling());
    EXPECT_THAT(answer.violations(), IsEmpty());
    EXPECT_TRUE(answer.has_judged());
  }
}

TEST(EncryptionRulesTest, EitherSideEnables) {
  const Pairs enable_in_flavor = {{"hw:mem_encryption", "yes"}};
  EXPECT_EQ(Judged(Request(enable_in_flavor, kFirm)).decision(), v1::DECISION_ACCEPTED);
  EXPECT_EQ(Judged(Request({}, Firm({{"hw_mem_encryption", "1"}}))).decision(),
            v1::DECISION_ACCEPTED);
}

TEST(EncryptionRulesTest, HalvesFromFlavorAndImageMakeOneRequest) {
  const auto answer = Judged(
      Request({{"hw:mem_encryption", "true"}}, Firm({{"hw_mem_encryption_model", "amd-sev-es"}})));
  EXPECT_EQ(answer.decision(), v1::DECISION_ACCEPTED);
  EXPECT_EQ(answer.model(), v1::ENCRYPTION_MODEL_AMD_SEV_ES);
  const auto reversed = Judged(
      Request({{"hw:mem_encryption_model", "amd-sev-es"}}, Firm({{"hw_mem_encryption", "True"}})));
  EXPECT_EQ(reversed.decision(), v1::DECISION_ACCEPTED);
  EXPECT_EQ(reversed.model(), v1::ENCRYPTION_MODEL_AMD_SEV_ES);
}

TEST(EncryptionRulesTest, AcceptsEveryModelThatIsAskedForWell) {
  const std::map<std::string, v1::EncryptionModel> models = {
      {"intel-tdx", v1::ENCRYPTION_MODEL_INTEL_TDX},
      {"amd-sev", v1::ENCRYPTION_MODEL_AMD_SEV},
      {"amd-sev-es", v1::ENCRYPTION_MODEL_AMD_SEV_ES},
      {"amd-sev-snp", v1::ENCRYPTION_MODEL_AMD_SEV_SNP}};
  for (const auto& [name, id] : models) {
    const auto answer = Judged(Good(name));
    EXPECT_EQ(answer.decision(), v1::DECISION_ACCEPTED) << answer.DebugString();
    EXPECT_EQ(answer.model(), id);
  }
}

TEST(EncryptionRulesTest, TakesAmdSevWhenNoModelIsNamedAndSaysSo) {
  const auto answer = Judged(Request({{"hw:mem_encryption", "true"}}, kFirm));
  EXPECT_EQ(answer.model(), v1::ENCRYPTION_MODEL_AMD_SEV);
  EXPECT_THAT(WarningsOf(answer), ElementsAre("MODEL_DEFAULTED"));
  EXPECT_THAT(OffendersOf(answer.warnings(0)), ElementsAre("FLAVOR hw:mem_encryption_model"));
  EXPECT_THAT(answer.warnings(0).message(), HasSubstr("amd-sev"));
  EXPECT_FALSE(answer.warnings(0).runs_unencrypted());
}

TEST(EncryptionRulesTest, ModelAloneIsIgnoredWithAWarning) {
  for (const char* enable : {"(none)", "false"}) {
    const auto answer = Judged(Good("intel-tdx", {}, {{"hw:mem_encryption", enable}}));
    EXPECT_EQ(answer.decision(), v1::DECISION_NOT_CONFIDENTIAL);
    EXPECT_EQ(answer.model(), v1::ENCRYPTION_MODEL_UNSPECIFIED);
    EXPECT_THAT(WarningsOf(answer), ElementsAre("MODEL_IGNORED"));
    EXPECT_TRUE(answer.warnings(0).runs_unencrypted());
    EXPECT_THAT(answer.warnings(0).message(), HasSubstr("unencrypted"));
  }
}

// nova 34 refuses the server with 400: no word of that name in its field type.
TEST(EncryptionRulesTest, AnImageWithAModelThatNobodyKnowsNeverBoots) {
  for (const Pairs& flavor : {Pairs{}, Pairs{{"hw:mem_encryption", "false"}},
                              Pairs{{"trait:HW_CPU_X86_INTEL_TDX", "required"}}}) {
    const auto answer = Judged(Request(flavor, {{"hw_mem_encryption_model", "none-such"}}));
    EXPECT_EQ(answer.decision(), v1::DECISION_REJECTED);
    EXPECT_THAT(ReasonsOf(answer), ElementsAre("UNKNOWN_MODEL"));
    EXPECT_THAT(WarningsOf(answer), IsEmpty());
  }
  const auto of_flavor = Judged(Request({{"hw:mem_encryption_model", "none-such"}}, {}));
  EXPECT_EQ(of_flavor.decision(), v1::DECISION_NOT_CONFIDENTIAL);
  EXPECT_THAT(WarningsOf(of_flavor), ElementsAre("MODEL_IGNORED"));
}

TEST(EncryptionRulesTest, ATraitOrAKeyAloneRunsUnencryptedAndIsWarnedOf) {
  const Pairs nothing;
  for (const auto& [flavor, image] : std::vector<std::pair<Pairs, Pairs>>{
           {{{"trait:HW_CPU_X86_INTEL_TDX", "required"}}, nothing},
           {{{"trait3:HW_CPU_X86_AMD_SEV_SNP", "required"}}, nothing},
           {{{"resources:MEM_ENCRYPTION_CONTEXT", "1"}}, nothing},
           {{{"resources1:CUSTOM_CCPLACE_INTEL_TDX_KEY", "1"}}, nothing},
           {nothing, {{"trait:HW_CPU_X86_INTEL_TDX", "required"}}}}) {
    const auto answer = Judged(Request(flavor, image));
    EXPECT_EQ(answer.decision(), v1::DECISION_NOT_CONFIDENTIAL);
    ASSERT_THAT(WarningsOf(answer), ElementsAre("ENCRYPTION_NOT_ASKED"));
    EXPECT_TRUE(answer.warnings(0).runs_unencrypted());
    EXPECT_EQ(OffendersOf(answer.warnings(0)).size(), 1u);
  }
}

TEST(EncryptionRulesTest, WhatAsksForNoKeyIsNotWarnedOf) {
  for (const Pairs& flavor :
       {Pairs{{"trait:HW_CPU_X86_INTEL_TDX", "forbidden"}},
        Pairs{{"resources:MEM_ENCRYPTION_CONTEXT", "0"}},
        Pairs{{"trait:HW_CPU_X86_AVX2", "required"}}, Pairs{{"resources:VGPU", "1"}}}) {
    EXPECT_THAT(WarningsOf(Judged(Request(flavor, {}))), IsEmpty());
  }
  const auto asked = Judged(Good("intel-tdx", {}, {{"trait:HW_CPU_X86_INTEL_TDX", "required"}}));
  EXPECT_THAT(WarningsOf(asked), IsEmpty());
}

TEST(EncryptionRulesTest, KnowsAModelsTraitByItsNameInThisCloud) {
  v1::HostPolicy policy = UsualPolicy();
  (*policy.mutable_renamed_traits())["HW_CPU_X86_INTEL_TDX"] = "CUSTOM_TDX";
  const auto answer = EvaluateUnder(policy, Request({{"trait:CUSTOM_TDX", "required"}}, {}));
  EXPECT_THAT(WarningsOf(answer), ElementsAre("ENCRYPTION_NOT_ASKED"));
}

TEST(EncryptionRulesTest, UnreadableBooleansAreRefusedAndNeverUnencrypted) {
  for (const char* value : {"enabled", "", "2", "tru", "required", "None"}) {
    const auto answer = Judged(Good("amd-sev", {}, {{"hw:mem_encryption", value}}));
    EXPECT_EQ(answer.decision(), v1::DECISION_REJECTED) << value;
    EXPECT_THAT(ReasonsOf(answer), ElementsAre("INVALID_BOOLEAN")) << value;
    EXPECT_THAT(OffendersOf(answer.violations(0)),
                ElementsAre(std::string("FLAVOR hw:mem_encryption=") + value));
    EXPECT_EQ(answer.violations(0).remedy(), "write true or false");
  }
  const auto both =
      Judged(Request({{"hw:mem_encryption", "ja"}}, Firm({{"hw_mem_encryption", "enabled"}})));
  EXPECT_THAT(ReasonsOf(both), ElementsAre("INVALID_BOOLEAN", "INVALID_BOOLEAN"));
}

TEST(EncryptionRulesTest, UnreadableBooleanBesideAClearFalseIsStillRefused) {
  const auto answer =
      Judged(Request({{"hw:mem_encryption", "enabled"}}, Firm({{"hw_mem_encryption", "false"}})));
  EXPECT_EQ(answer.decision(), v1::DECISION_REJECTED);
  EXPECT_THAT(ReasonsOf(answer), ElementsAre("INVALID_BOOLEAN"));
}

TEST(EncryptionRulesTest, UnreadableBooleanContradictsAClearTrueAsNovaReadsIt) {
  const auto answer = Judged(Good("amd-sev", {{"hw_mem_encryption", "enabled"}}));
  EXPECT_THAT(ReasonsOf(answer), ElementsAre("INVALID_BOOLEAN", "ENCRYPTION_CONFLICT"));
}

TEST(EncryptionRulesTest, FlavorAndImageMustNotContradictEachOther) {
  for (const auto& [flavor, image] : {std::pair{"true", "false"}, std::pair{"off", "on"}}) {
    const auto answer =
        Judged(Good("amd-sev", {{"hw_mem_encryption", image}}, {{"hw:mem_encryption", flavor}}));
    EXPECT_EQ(answer.decision(), v1::DECISION_REJECTED);
    EXPECT_THAT(ReasonsOf(answer), ElementsAre("ENCRYPTION_CONFLICT"));
    EXPECT_THAT(OffendersOf(answer.violations(0)),
                ElementsAre(std::string("FLAVOR hw:mem_encryption=") + flavor,
                            std::string("IMAGE hw_mem_encryption=") + image));
  }
  EXPECT_EQ(Judged(Good("amd-sev", {{"hw_mem_encryption", "YES"}})).decision(),
            v1::DECISION_ACCEPTED);
}

TEST(EncryptionRulesTest, FlavorAndImageMustNameOneModel) {
  const auto answer = Judged(Good("intel-tdx", {{"hw_mem_encryption_model", "amd-sev"}}));
  EXPECT_EQ(answer.model(), v1::ENCRYPTION_MODEL_UNSPECIFIED);
  EXPECT_THAT(ReasonsOf(answer), ElementsAre("MODEL_CONFLICT"));
  EXPECT_THAT(answer.violations(0).message(), HasSubstr("'intel-tdx'"));
  EXPECT_THAT(answer.violations(0).message(), HasSubstr("'amd-sev'"));
  EXPECT_EQ(Judged(Good("intel-tdx", {{"hw_mem_encryption_model", "intel-tdx"}})).decision(),
            v1::DECISION_ACCEPTED);
}

// nova 34: "explicitly set to , conflicting with image".
TEST(EncryptionRulesTest, AnEmptyModelContradictsAnyOther) {
  const auto answer = Judged(Good("", {{"hw_mem_encryption_model", "amd-sev"}}));
  EXPECT_THAT(ReasonsOf(answer), ElementsAre("MODEL_CONFLICT", "UNKNOWN_MODEL"));
}

TEST(EncryptionRulesTest, WithConflictingModelsWhatBothDemandIsJudged) {
  const Pairs bare = {{"hw_mem_encryption_model", "amd-sev-snp"},
                      {"hw_firmware_stateless", "(none)"},
                      {"hw_video_model", "(none)"}};
  EXPECT_THAT(ReasonsOf(Judged(Good("intel-tdx", bare))),
              ElementsAre("MODEL_CONFLICT", "FIRMWARE_NOT_STATELESS"));
}

TEST(EncryptionRulesTest, ModelsAreMatchedInExactCase) {
  for (const char* name : {"Intel-TDX", "intel_tdx", "tdx", "intel-tdx ", "AMD-SEV", "sev", ""}) {
    const auto answer = Judged(Good(name));
    EXPECT_EQ(answer.decision(), v1::DECISION_REJECTED) << name;
    EXPECT_EQ(answer.model(), v1::ENCRYPTION_MODEL_UNSPECIFIED);
    EXPECT_THAT(ReasonsOf(answer), ElementsAre("UNKNOWN_MODEL")) << name;
  }
}

TEST(EncryptionRulesTest, UnknownModelBesideAKnownOneIsBothUnknownAndAConflict) {
  const Pairs image = {{"hw_mem_encryption_model", "TDX"}, {"hw_video_model", "vga"}};
  const auto answer = Judged(Good("intel-tdx", image));
  EXPECT_THAT(ReasonsOf(answer),
              ElementsAre("MODEL_CONFLICT", "UNKNOWN_MODEL", "VIDEO_MODEL_NOT_NONE"));
  EXPECT_EQ(answer.model(), v1::ENCRYPTION_MODEL_UNSPECIFIED);
}

TEST(EncryptionRulesTest, UnknownModelStillHasTheCommonRulesJudged) {
  const auto answer =
      Judged(Request({{"hw:mem_encryption", "true"}, {"hw:mem_encryption_model", "arm-cca"}}, {}));
  EXPECT_THAT(ReasonsOf(answer), ElementsAre("UNKNOWN_MODEL", "FIRMWARE_NOT_UEFI"));
}

TEST(EncryptionRulesTest, NamesFiveFaultsAtOnce) {
  auto request = Good("intel-tdx", {{"hw_firmware_type", "bios"},
                                    {"hw_machine_type", "pc"},
                                    {"hw_firmware_stateless", "(none)"},
                                    {"hw_video_model", "virtio"},
                                    {"hw_disk_bus", "scsi"}});
  const auto answer = Judged(request);
  EXPECT_THAT(ReasonsOf(answer),
              ElementsAre("FIRMWARE_NOT_UEFI", "MACHINE_NOT_Q35", "FIRMWARE_NOT_STATELESS",
                          "VIDEO_MODEL_NOT_NONE", "SCSI_BOOT_DISK"));
  EXPECT_EQ(answer.decision(), v1::DECISION_REJECTED);
  EXPECT_EQ(answer.model(), v1::ENCRYPTION_MODEL_INTEL_TDX);
  EXPECT_FALSE(answer.has_scheduling());
  for (const auto& violation : answer.violations()) {
    EXPECT_FALSE(violation.message().empty());
    EXPECT_FALSE(violation.remedy().empty());
  }
}

TEST(EncryptionRulesTest, HostileValuesAreBoundedAndMadePrintable) {
  const std::string hostile = "\x1b[31m\n" + std::string(200, 'x');
  const auto answer = Judged(Good("amd-sev", {{"hw_mem_encryption", hostile}}));
  const std::string& value = answer.violations(0).offenders(0).value();
  EXPECT_LE(value.size(), 140u);
  EXPECT_THAT(value, HasSubstr("\\x1b[31m\\x0a"));
  EXPECT_THAT(answer.violations(0).message(), Not(HasSubstr("\n")));
}

TEST(EncryptionRulesTest, SaysWhatWasJudged) {
  auto request = Good("intel-tdx", {{"hw_machine_type", "(none)"}});
  request.mutable_flavor()->set_name("td.large");
  request.mutable_image()->set_id("0a1b");
  request.mutable_image()->set_name("noble");
  v1::HostPolicy policy;
  policy.set_default_machine_type("pc-q35-9.2");
  const auto answer = EvaluateUnder(policy, With(request, {Device("virtio", "0")}));
  EXPECT_EQ(answer.judged().flavor_name(), "td.large");
  EXPECT_EQ(answer.judged().image_id(), "0a1b");
  EXPECT_EQ(answer.judged().image_name(), "noble");
  EXPECT_EQ(answer.judged().operation(), v1::OPERATION_BOOT);
  EXPECT_EQ(answer.judged().firmware_type(), "uefi");
  EXPECT_EQ(answer.judged().machine_type(), "pc-q35-9.2");
  EXPECT_EQ(answer.judged().block_device_count(), 1u);
}

TEST(EncryptionRulesTest, AnswersOnAnEmptyMessage) {
  v1::ValidateRequestResponse answer;
  EvaluateRequest({}, {}, answer);
  EXPECT_EQ(answer.decision(), v1::DECISION_NOT_CONFIDENTIAL);
  EXPECT_EQ(answer.judged().operation(), v1::OPERATION_BOOT);
}

}  // namespace
}  // namespace ccplace
