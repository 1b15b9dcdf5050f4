#include "lib/domain/firmware_question.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/domain/xml_oracle.h"

namespace ccplace {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::string Question(v1::EncryptionModel model, SecureBoot secure_boot) {
  return *BuildFirmwareQuestion(model, "pc-q35-11.1", secure_boot);
}

TEST(FirmwareQuestionTest, EveryQuestionIsAGuestByLibvirtsSchema) {
  for (int model = v1::ENCRYPTION_MODEL_INTEL_TDX; model <= v1::ENCRYPTION_MODEL_AMD_SEV_SNP;
       ++model) {
    for (const SecureBoot way : {SecureBoot::kUnstated, SecureBoot::kOff, SecureBoot::kOn}) {
      EXPECT_EQ(SchemaFaults(Question(static_cast<v1::EncryptionModel>(model), way)), "");
    }
  }
}

TEST(FirmwareQuestionTest, EachModelIsLaunchedAsItself) {
  const auto launch = [](v1::EncryptionModel model) {
    return Select(Question(model, SecureBoot::kUnstated),
                  "//launchSecurity/@type | //launchSecurity/policy/text()");
  };
  EXPECT_THAT(launch(v1::ENCRYPTION_MODEL_INTEL_TDX), ElementsAre("tdx", "0x10000000"));
  EXPECT_THAT(launch(v1::ENCRYPTION_MODEL_AMD_SEV), ElementsAre("sev", "0x33"));
  EXPECT_THAT(launch(v1::ENCRYPTION_MODEL_AMD_SEV_ES), ElementsAre("sev", "0x37"));
  EXPECT_THAT(launch(v1::ENCRYPTION_MODEL_AMD_SEV_SNP), ElementsAre("sev-snp", "0x30000"));
}

TEST(FirmwareQuestionTest, SecureBootIsSaidOnlyWhereItIsAsked) {
  constexpr char kFeature[] = "/domain/os/firmware/feature[@name='secure-boot']/@enabled";
  const v1::EncryptionModel tdx = v1::ENCRYPTION_MODEL_INTEL_TDX;
  EXPECT_THAT(Select(Question(tdx, SecureBoot::kUnstated), kFeature), IsEmpty());
  EXPECT_THAT(Select(Question(tdx, SecureBoot::kOff), kFeature), ElementsAre("no"));
  EXPECT_THAT(Select(Question(tdx, SecureBoot::kOn), kFeature), ElementsAre("yes"));
}

TEST(FirmwareQuestionTest, WithoutAModelThereIsNone) {
  EXPECT_TRUE(absl::IsInvalidArgument(
      BuildFirmwareQuestion(v1::ENCRYPTION_MODEL_UNSPECIFIED, "q35", SecureBoot::kOn).status()));
}

}  // namespace
}  // namespace ccplace
