#include "lib/capability/snapshot/domain_reference.h"

#include "gtest/gtest.h"
#include "lib/domain/domain_xml.h"

namespace ccplace {
namespace {

constexpr char kFirmwarePath[] = "/usr/share/ovmf/OVMF.inteltdx.ms.fd";
const std::string kOldFile(48, '\x01');
const std::string kNewFile(48, '\x02');
const std::string kOldMrtd(48, '\x11');
const std::string kNewMrtd(48, '\x22');

class DomainReferenceTest : public ::testing::Test {
 protected:
  DomainReferenceTest() {
    defined_.reference.set_firmware_path(kFirmwarePath);
    defined_.reference.set_machine_type("pc-q35-11.1");
    defined_.reference.set_policy(0x10000000);
    defined_.reference.set_mr_config_id(std::string(48, 'c'));
    defined_.ownership.emplace();
    SetFile(kOldFile, kOldMrtd);
  }

  void SetFile(const std::string& sha384, const std::string& mrtd) {
    measurements_[kFirmwarePath] = {sha384, mrtd};
  }

  // Started by this service, with what the file and the module were then.
  void NoteStart(const std::string& tdx_module) {
    state_ = v1::DOMAIN_STATE_RUNNING;
    defined_.ownership->launch =
        LaunchRecord{"2026-11-30T00:00:00Z", kFirmwarePath, kOldFile, kOldMrtd, tdx_module};
  }

  v1::LaunchReference Read() {
    return DomainReference(defined_, state_, MeasurementOf(measurements_, kFirmwarePath),
                           tdx_module_);
  }

  DefinedDomain defined_;
  v1::DomainState state_ = v1::DOMAIN_STATE_SHUT_OFF;
  FirmwareMeasurements measurements_;
  std::string tdx_module_ = "1.5.24";
};

TEST_F(DomainReferenceTest, KeepsWhatIsDefined) {
  const v1::LaunchReference reference = Read();
  EXPECT_EQ(reference.firmware_path(), kFirmwarePath);
  EXPECT_EQ(reference.machine_type(), "pc-q35-11.1");
  EXPECT_EQ(reference.policy(), 0x10000000u);
  EXPECT_EQ(reference.mr_config_id(), std::string(48, 'c'));
}

TEST_F(DomainReferenceTest, OfAGuestThatIsOffSaysWhatAStartWouldHave) {
  const v1::LaunchReference reference = Read();
  EXPECT_EQ(reference.firmware_moment(), v1::FIRMWARE_MOMENT_NEXT_START);
  EXPECT_EQ(reference.firmware_sha384(), kOldFile);
  EXPECT_EQ(reference.mrtd(), kOldMrtd);
  EXPECT_EQ(reference.tdx_module(), "1.5.24");
  EXPECT_EQ(reference.newer_tdx_module(), "");
}

TEST_F(DomainReferenceTest, OfAGuestThatRunsSaysWhatItsStartHad) {
  NoteStart("1.5.20");
  const v1::LaunchReference reference = Read();
  EXPECT_EQ(reference.firmware_moment(), v1::FIRMWARE_MOMENT_START);
  EXPECT_EQ(reference.mrtd(), kOldMrtd);
  EXPECT_EQ(reference.firmware_file_sha384(), "");
  EXPECT_EQ(reference.tdx_module(), "1.5.20");
  EXPECT_EQ(reference.newer_tdx_module(), "1.5.24");
}

TEST_F(DomainReferenceTest, AFileThatWasReplacedLeavesTheGuestItsMrtd) {
  NoteStart("1.5.24");
  SetFile(kNewFile, kNewMrtd);
  const v1::LaunchReference reference = Read();
  EXPECT_EQ(reference.firmware_sha384(), kOldFile);
  EXPECT_EQ(reference.mrtd(), kOldMrtd);
  EXPECT_EQ(reference.firmware_file_sha384(), kNewFile);
  EXPECT_EQ(reference.newer_tdx_module(), "");
}

TEST_F(DomainReferenceTest, AFileThatIsGoneLeavesTheGuestItsMrtd) {
  NoteStart("1.5.24");
  measurements_.clear();
  EXPECT_EQ(Read().mrtd(), kOldMrtd);
}

TEST_F(DomainReferenceTest, ARecordOfAnEarlierVersionTakesTheMrtdOfTheSameFileAlone) {
  NoteStart("");
  defined_.ownership->launch->mrtd = "";
  EXPECT_EQ(Read().mrtd(), kOldMrtd);
  EXPECT_EQ(Read().tdx_module(), "");
  EXPECT_EQ(Read().newer_tdx_module(), "");
  SetFile(kNewFile, kNewMrtd);
  EXPECT_EQ(Read().mrtd(), "");
}

TEST_F(DomainReferenceTest, AModuleThatIsUnknownOrOlderIsNotNewer) {
  NoteStart("1.5.24");
  for (const char* now : {"", "1.5.24", "1.5.06", "soon"}) {
    tdx_module_ = now;
    EXPECT_EQ(Read().newer_tdx_module(), "") << now;
    EXPECT_EQ(Read().tdx_module(), "1.5.24") << now;
  }
}

TEST_F(DomainReferenceTest, AGuestThatOthersStartedHasTheFileOfNowAndNoModule) {
  state_ = v1::DOMAIN_STATE_RUNNING;
  const v1::LaunchReference reference = Read();
  EXPECT_EQ(reference.firmware_moment(), v1::FIRMWARE_MOMENT_AFTER_START);
  EXPECT_EQ(reference.mrtd(), kOldMrtd);
  EXPECT_EQ(reference.tdx_module(), "");
}

TEST_F(DomainReferenceTest, ARecordOfAGuestThatEndedIsNotOfTheNextOne) {
  NoteStart("1.5.20");
  state_ = v1::DOMAIN_STATE_SHUT_OFF;
  SetFile(kNewFile, kNewMrtd);
  const v1::LaunchReference reference = Read();
  EXPECT_EQ(reference.mrtd(), kNewMrtd);
  EXPECT_EQ(reference.tdx_module(), "1.5.24");
  EXPECT_EQ(reference.firmware_moment(), v1::FIRMWARE_MOMENT_NEXT_START);
}

TEST_F(DomainReferenceTest, ARecordOfOtherFirmwareThanTheActiveGuestsIsNone) {
  NoteStart("1.5.20");
  defined_.ownership->launch->firmware_path = "/elsewhere.fd";
  EXPECT_EQ(Read().firmware_moment(), v1::FIRMWARE_MOMENT_AFTER_START);
  EXPECT_EQ(Read().tdx_module(), "");
}

TEST_F(DomainReferenceTest, AFileThatCannotBeReadSaysWhy) {
  measurements_[kFirmwarePath] = {absl::PermissionDeniedError("no"), absl::UnknownError("no")};
  const v1::LaunchReference reference = Read();
  EXPECT_EQ(reference.firmware_unread(), "no");
  EXPECT_EQ(reference.mrtd(), "");
  EXPECT_EQ(reference.firmware_moment(), v1::FIRMWARE_MOMENT_UNSPECIFIED);
}

}  // namespace
}  // namespace ccplace
