#include <thread>
#include <vector>

#include "tests/unit/lifecycle/lifecycle_fixture.h"

namespace ccplace {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;
constexpr auto kExists = absl::StatusCode::kAlreadyExists;
constexpr auto kPrecondition = absl::StatusCode::kFailedPrecondition;

class DefineTest : public LifecycleTest {};

TEST_F(DefineTest, AnswersWithTheXmlAndTheReferenceValuesOfTheDomain) {
  const auto answer = Define(GoodDefinition());
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(answer->uuid(), kUuid);
  EXPECT_FALSE(answer->already_defined());
  EXPECT_FALSE(answer->running());
  EXPECT_EQ(answer->reference().policy(), 0x10000000u);
  EXPECT_EQ(answer->reference().machine_type(), "pc-q35-11.1");
  EXPECT_EQ(answer->reference().firmware_path(), "/usr/share/ovmf/OVMF.inteltdx.ms.fd");
  EXPECT_THAT(answer->reference().firmware_sha384(), SizeIs(48));
  EXPECT_THAT(answer->xml(), HasSubstr("<launchSecurity type=\"tdx\">"));
  EXPECT_TRUE(hypervisor_->FindByUuid(kUuid).ok());
}

TEST_F(DefineTest, StartsWhenAsked) {
  auto request = GoodDefinition();
  request.set_start(true);
  const auto answer = Define(request);
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_TRUE(answer->running());
  EXPECT_EQ(hypervisor_->FindByUuid(kUuid)->state, v1::DOMAIN_STATE_RUNNING);
}

TEST_F(DefineTest, TakesTheSameRequestTwice) {
  ASSERT_TRUE(Define(GoodDefinition()).ok());
  const auto again = Define(GoodDefinition());
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_TRUE(again->already_defined());
}

TEST_F(DefineTest, StartsADefinedDomainOnARepeatWithStart) {
  ASSERT_TRUE(Define(GoodDefinition()).ok());
  auto request = GoodDefinition();
  request.set_start(true);
  const auto again = Define(request);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_TRUE(again->already_defined());
  EXPECT_TRUE(again->running());
}

TEST_F(DefineTest, AnswersARepeatForARunningDomainWhenNoKeyIsFree) {
  auto request = GoodDefinition();
  request.set_start(true);
  ASSERT_TRUE(Define(request).ok());
  SetFreeKeys(0);
  const auto again = Define(request);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_TRUE(again->running());
}

TEST_F(DefineTest, RefusesOtherContentUnderTheSameUuid) {
  ASSERT_TRUE(Define(GoodDefinition()).ok());
  auto other = GoodDefinition();
  other.mutable_domain()->set_vcpus(4);
  EXPECT_THAT(Define(other), Fails(kExists, "other content", "UUID_HAS_OTHER_CONTENT"));
}

TEST_F(DefineTest, RefusesANameOfAnotherUuid) {
  ASSERT_TRUE(Define(GoodDefinition()).ok());
  auto other = GoodDefinition();
  other.mutable_domain()->set_uuid(kOtherUuid);
  EXPECT_THAT(Define(other), Fails(kExists, "'td-one' belongs to domain", "NAME_TAKEN"));
  EXPECT_EQ(hypervisor_->FindByUuid(kOtherUuid).status().code(), absl::StatusCode::kNotFound);
}

TEST_F(DefineTest, RefusesAUuidThatSomebodyElseDefined) {
  const std::string xml = std::string("<domain type='kvm'><name>theirs</name><uuid>") + kUuid +
                          "</uuid><memory>1048576</memory>"
                          "<os><type machine='q35'>hvm</type></os></domain>";
  ASSERT_TRUE(hypervisor_->Define(xml).ok());
  EXPECT_THAT(Define(GoodDefinition()),
              Fails(kExists, "not defined by ccplace", "DOMAIN_OF_SOMEBODY_ELSE"));
}

TEST_F(DefineTest, RefusesAStartWithoutAFreeKeyAndDefinesNothing) {
  SetFreeKeys(0);
  auto request = GoodDefinition();
  request.set_start(true);
  EXPECT_THAT(Define(request),
              Fails(absl::StatusCode::kResourceExhausted, "63 in use", "NO_FREE_KEY"));
  EXPECT_EQ(hypervisor_->FindByUuid(kUuid).status().code(), absl::StatusCode::kNotFound);
}

TEST_F(DefineTest, DefinesWithoutAFreeKeyWhenNotStarting) {
  SetFreeKeys(0);
  EXPECT_TRUE(Define(GoodDefinition()).ok());
}

TEST_F(DefineTest, StartsWhereItIsNotKnownWhetherAKeyIsFree) {
  ForgetFreeKeys();
  auto request = GoodDefinition();
  request.set_start(true);
  const auto made = Define(request);
  ASSERT_TRUE(made.ok()) << made.status();
  EXPECT_TRUE(made->running());
}

TEST_F(DefineTest, LeavesNothingBehindAfterAFailedStart) {
  hypervisor_->FailNextStart("ioctl(KVM_CREATE_VM) failed: Invalid argument");
  auto request = GoodDefinition();
  request.set_start(true);
  EXPECT_THAT(Define(request), Fails(absl::StatusCode::kAborted, "KVM_CREATE_VM", "START_FAILED"));
  EXPECT_EQ(hypervisor_->FindByUuid(kUuid).status().code(), absl::StatusCode::kNotFound);
}

TEST_F(DefineTest, KeepsWhatWasDefinedBeforeAFailedStart) {
  ASSERT_TRUE(Define(GoodDefinition()).ok());
  hypervisor_->FailNextStart("no");
  auto request = GoodDefinition();
  request.set_start(true);
  EXPECT_THAT(Define(request), Fails(absl::StatusCode::kAborted, "no", "START_FAILED"));
  EXPECT_TRUE(hypervisor_->FindByUuid(kUuid).ok());
}

TEST_F(DefineTest, AStartThatHasEndedHoldsNeitherASlotNorAKey) {
  policy_.slow_limit = 1;
  Rebuild();
  SetFreeKeys(1);  // And nobody counts anew.
  auto request = GoodDefinition();
  request.set_start(true);
  hypervisor_->FailNextStart("no");
  EXPECT_THAT(Define(request), Fails(absl::StatusCode::kAborted, "no", "START_FAILED"));
  for (const char* uuid : {kUuid, kOtherUuid}) {
    request.mutable_domain()->set_uuid(uuid);
    request.mutable_domain()->set_name(uuid);
    const auto started = Define(request);
    EXPECT_TRUE(started.ok()) << started.status();
  }
}

TEST_F(DefineTest, TouchesNothingInADryRun) {
  const uint64_t before = hypervisor_->calls();
  auto request = GoodDefinition();
  request.set_dry_run(true);
  const auto answer = Define(request);
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_TRUE(answer->dry_run());
  EXPECT_THAT(answer->xml(), HasSubstr("<name>td-one</name>"));
  EXPECT_EQ(answer->reference().firmware_path(), "/usr/share/ovmf/OVMF.inteltdx.ms.fd");
  EXPECT_EQ(hypervisor_->calls() - before, hypervisor_->translations());
  EXPECT_TRUE(hypervisor_->ListDomains()->empty());
}

TEST_F(DefineTest, AsksLibvirtForNothingThatTheHostsFactsSay) {
  const auto calls_of = [this](const v1::DefineTdxDomainRequest& request) {
    const uint64_t before = hypervisor_->calls();
    EXPECT_TRUE(Define(request).ok());
    return hypervisor_->calls() - before;
  };
  auto other = GoodDefinition();
  other.mutable_domain()->set_uuid(kOtherUuid);
  other.mutable_domain()->set_name("td-two");
  state_->snapshot.capabilities.mutable_tdx_firmware()->set_path("/some/other.fd");
  const uint64_t mistaken = calls_of(other);
  state_->snapshot.capabilities.mutable_tdx_firmware()->set_path(
      "/usr/share/ovmf/OVMF.inteltdx.ms.fd");
  EXPECT_EQ(calls_of(GoodDefinition()), mistaken - 1);
  for (const char* uuid : {kUuid, kOtherUuid}) {
    EXPECT_THAT(hypervisor_->FindByUuid(uuid)->xml,
                HasSubstr(">/usr/share/ovmf/OVMF.inteltdx.ms.fd</ccplace:firmware>"));
  }
}

TEST_F(DefineTest, RefusesWhatTheHostsFirmwareMakesOfSecureBootWithoutAskingLibvirt) {
  v1::GuestFirmware& firmware =
      *state_->snapshot.capabilities.mutable_models(0)->mutable_firmware();
  firmware.set_without_secure_boot(v1::SUPPORT_UNSUPPORTED);
  firmware.set_with_secure_boot(v1::SUPPORT_SUPPORTED);
  auto request = GoodDefinition();
  auto& wish = (*request.mutable_image()->mutable_properties())["os_secure_boot"];
  wish = "disabled";
  EXPECT_THAT(Define(request),
              Fails(kPrecondition, "os_secure_boot=optional", "SECURE_BOOT_NOT_POSSIBLE"));
  EXPECT_TRUE(hypervisor_->ListDomains()->empty());
  wish = "required";
  EXPECT_TRUE(Define(request).ok());
}

TEST_F(DefineTest, WarnsOfEnrolledKeys) {
  v1::TdxFirmware& firmware = *state_->snapshot.capabilities.mutable_tdx_firmware();
  firmware.set_path("/ovmf.fd");
  firmware.set_enrolled_keys(true);
  const auto answer = Define(GoodDefinition());
  ASSERT_TRUE(answer.ok()) << answer.status();
  ASSERT_EQ(answer->warnings_size(), 1);
  EXPECT_EQ(answer->warnings(0).reason(), v1::WARNING_REASON_ONLY_SIGNED_LOADERS);
}

TEST_F(DefineTest, WarnsOfADomainThatCouldNotBeCompared) {
  v1::UnreadDomain& other = state_->snapshot.unread_domains.emplace_back();
  other.set_uuid(kOtherUuid);
  other.set_name("held");
  const auto answer = Define(GoodDefinition());
  ASSERT_TRUE(answer.ok()) << answer.status();
  ASSERT_EQ(answer->warnings_size(), 1);
  EXPECT_EQ(answer->warnings(0).reason(), v1::WARNING_REASON_DOMAIN_NOT_COMPARED);
  EXPECT_THAT(answer->warnings(0).message(), HasSubstr("'held'"));
}

TEST_F(DefineTest, DoesNotWarnOfADomainThatWasReadBeforeLibvirtCouldNotDescribeIt) {
  auto other = GoodDefinition();
  other.mutable_domain()->set_uuid(kOtherUuid);
  other.mutable_domain()->set_name("held");
  ASSERT_TRUE(Define(other).ok());
  v1::UnreadDomain& held = state_->snapshot.unread_domains.emplace_back();
  held.set_uuid(kOtherUuid);
  held.set_name("held");
  const auto answer = Define(GoodDefinition());
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(answer->warnings_size(), 0);
}

TEST_F(DefineTest, RefusesInADryRunWhatLibvirtRefusesAtTheDefinition) {
  auto request = GoodDefinition();
  (*request.mutable_image()->mutable_properties())["os_secure_boot"] = "disabled";
  constexpr char kWords[] = "Unable to find 'efi' firmware that is compatible";
  EXPECT_THAT(Define(request), Fails(kPrecondition, kWords, "DEFINITION_REFUSED"));
  request.set_dry_run(true);
  EXPECT_THAT(Define(request), Fails(kPrecondition, kWords, "DEFINITION_REFUSED"));
  EXPECT_TRUE(hypervisor_->ListDomains()->empty());
}

TEST_F(DefineTest, NamesEveryRuleThatIsBroken) {
  auto request = GoodDefinition();
  auto& properties = *request.mutable_image()->mutable_properties();
  properties["hw_firmware_type"] = "bios";
  properties["hw_video_model"] = "virtio";
  const auto answer = Define(request);
  EXPECT_THAT(answer, Fails(kInvalid, "hw_firmware_type", "REQUEST_BREAKS_RULES"));
  EXPECT_THAT(std::string(answer.status().message()), HasSubstr("VIDEO_MODEL_NOT_NONE"));
}

TEST_F(DefineTest, RefusesToBootFromAScsiDisk) {
  auto request = GoodDefinition();
  request.mutable_domain()->mutable_disks(0)->set_bus(v1::DISK_BUS_SCSI);
  EXPECT_EQ(Define(request).status().code(), kInvalid);
}

TEST_F(DefineTest, RefusesARequestThatIsNotConfidential) {
  auto request = GoodDefinition();
  request.mutable_flavor()->clear_extra_specs();
  EXPECT_THAT(Define(request), Fails(kInvalid, "hw:mem_encryption", "REQUEST_NOT_CONFIDENTIAL"));
}

TEST_F(DefineTest, RefusesAnotherModel) {
  auto request = GoodDefinition();
  (*request.mutable_flavor()->mutable_extra_specs())["hw:mem_encryption_model"] = "amd-sev";
  EXPECT_THAT(Define(request), Fails(kInvalid, "intel-tdx", "MODEL_NOT_INTEL_TDX"));
}

TEST_F(DefineTest, NamesEveryMalformedField) {
  auto request = GoodDefinition();
  request.mutable_domain()->set_uuid("nonsense");
  request.mutable_domain()->set_vcpus(0);
  const auto answer = Define(request);
  EXPECT_EQ(answer.status().code(), kInvalid);
  EXPECT_THAT(FieldErrorsOf(answer.status()), SizeIs(2));
}

TEST_F(DefineTest, RefusesDebugUnlessThePolicyAllowsIt) {
  auto request = GoodDefinition();
  request.mutable_launch()->set_debug(true);
  EXPECT_THAT(Define(request),
              Fails(absl::StatusCode::kPermissionDenied, "--allow_debug", "DEBUG_NOT_ALLOWED"));
  policy_.host.set_allow_debug(true);
  Rebuild();
  const auto answer = Define(request);
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(answer->reference().policy(), 0x10000001u);
}

TEST_F(DefineTest, RefusesOnAHostThatCannotRunTdxAndNamesTheRemedy) {
  FailKernelParameter();
  EXPECT_THAT(Define(GoodDefinition()),
              Fails(kPrecondition, "kvm_intel.tdx=1", "HOST_CANNOT_RUN_INTEL_TDX"));
}

// tests/lab: of descriptors for pc-q35-10.* alone libvirt defines such guests, and no others.
TEST_F(DefineTest, LeavesTheFirmwareOfAnotherMachineTypeToLibvirt) {
  v1::ModelCapability& tdx = *state_->snapshot.capabilities.mutable_models(0);
  tdx.set_verdict(v1::SUPPORT_UNSUPPORTED);
  v1::Check& check = *tdx.add_checks();
  check.set_kind(v1::CHECK_KIND_FIRMWARE);
  check.set_gate(true);
  check.set_result(v1::CHECK_RESULT_FAIL);
  tdx.mutable_firmware()->set_without_secure_boot(v1::SUPPORT_UNSUPPORTED);
  auto request = GoodDefinition();
  EXPECT_THAT(Define(request), Fails(kPrecondition, "", "HOST_CANNOT_RUN_INTEL_TDX"));
  request.mutable_domain()->set_machine_type("pc-q35-10.0");
  const auto answer = Define(request);
  EXPECT_TRUE(answer.ok()) << answer.status();
  request.mutable_domain()->set_uuid(kOtherUuid);
  request.mutable_domain()->set_name("td-two");
  (*request.mutable_image()->mutable_properties())["os_secure_boot"] = "disabled";
  EXPECT_THAT(Define(request), Fails(kPrecondition, "Unable to find", "DEFINITION_REFUSED"));
  FailKernelParameter();
  EXPECT_THAT(Define(request),
              Fails(kPrecondition, "kvm_intel.tdx=1", "HOST_CANNOT_RUN_INTEL_TDX"));
}

TEST_F(DefineTest, RefusesWithoutAQuoteServiceWhenAttestationIsRequired) {
  auto request = GoodDefinition();
  request.set_require_attestation(true);
  EXPECT_TRUE(Define(request).ok());
  files_->Remove("/run/tdx-qgs");
  files_->Remove("/var/run/tdx-qgs");
  request.mutable_domain()->set_uuid(kOtherUuid);
  request.mutable_domain()->set_name("td-two");
  EXPECT_THAT(Define(request),
              Fails(kPrecondition, "Quote Generation Service", "QUOTE_SERVICE_NOT_READY"));
}

TEST_F(DefineTest, IsUnavailableWhereTheQuoteServiceCouldNotBeAsked) {
  files_->MakeSocket("/run/tdx-qgs/qgs.socket", absl::UnavailableError("its backlog is full"));
  auto request = GoodDefinition();
  request.set_require_attestation(true);
  EXPECT_THAT(Define(request), Fails(absl::StatusCode::kUnavailable, "its backlog is full", ""));
}

TEST_F(DefineTest, AsksNothingOfAQuoteSocketThatIsNotAllowed) {
  v1::DefineTdxDomainRequest request = GoodDefinition();
  request.set_require_attestation(true);
  request.mutable_launch()->set_quote_service_path("/root/private.sock");
  files_->MakeSocket("/root/private.sock", absl::UnavailableError("was asked"));
  for (const bool dry_run : {false, true}) {
    request.set_dry_run(dry_run);
    EXPECT_THAT(Define(request), Fails(absl::StatusCode::kPermissionDenied, "/root/private.sock",
                                       "PATH_NOT_ALLOWED"));
  }
}

TEST_F(DefineTest, AsksNothingOfAQuoteSocketThatIsNoLongerAllowed) {
  const std::string path = "/run/openvswitch/qgs.sock";
  v1::DefineTdxDomainRequest request = GoodDefinition();
  request.mutable_launch()->set_quote_service_path(path);
  files_->MakeSocket(path, absl::OkStatus());
  const auto defined = Define(request);
  ASSERT_TRUE(defined.ok()) << defined.status();
  policy_.paths.socket_prefixes.clear();
  Rebuild();
  files_->MakeSocket(path, absl::UnavailableError("was asked"));
  request.set_require_attestation(true);
  request.set_start(true);
  EXPECT_THAT(Define(request),
              Fails(absl::StatusCode::kPermissionDenied, path, "PATH_NOT_ALLOWED"));
}

TEST(FailsTest, ShowsWhatWasAnsweredInPlaceOfWhatWasExpected) {
  const absl::StatusOr<v1::DefineTdxDomainResponse> answer = absl::AbortedError("no KVM");
  // Newer Abseil goes on with where the error was made.
  EXPECT_THAT(::testing::PrintToString(answer), ::testing::StartsWith("ABORTED: no KVM"));
}

TEST_F(DefineTest, RefusesAMachineTypeThatTheRulesLetPass) {
  v1::DefineTdxDomainRequest request = GoodDefinition();
  (*request.mutable_image()->mutable_properties())["hw_machine_type"] = "q35\n<evil/>";
  request.mutable_domain()->clear_machine_type();
  EXPECT_THAT(Define(request),
              Fails(absl::StatusCode::kInvalidArgument,
                    "image.properties['hw_machine_type']: is 'q35\\x0a<evil/>'; give", ""));
}

TEST_F(DefineTest, DemandsSecureBootWhateverPlacementCallsItsTrait) {
  (*policy_.host.mutable_renamed_traits())["COMPUTE_SECURITY_UEFI_SECURE_BOOT"] = "";
  Rebuild();
  v1::DefineTdxDomainRequest request = GoodDefinition();
  request.mutable_image()->mutable_properties()->erase("os_secure_boot");
  (*request.mutable_flavor()->mutable_extra_specs())["os:secure_boot"] = "required";
  const auto answer = Define(request);
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_THAT(answer->xml(), HasSubstr("name=\"secure-boot\""));
}

TEST_F(DefineTest, IsUnavailableWithoutAConnection) {
  hypervisor_->Disconnect();
  EXPECT_EQ(Define(GoodDefinition()).status().code(), absl::StatusCode::kUnavailable);
}

TEST_F(DefineTest, BeginsNothingPastTheDeadline) {
  const auto past = std::chrono::steady_clock::now() - std::chrono::seconds(1);
  EXPECT_EQ(Define(GoodDefinition(), past).status().code(), absl::StatusCode::kDeadlineExceeded);
  EXPECT_EQ(hypervisor_->FindByUuid(kUuid).status().code(), absl::StatusCode::kNotFound);
}

TEST_F(DefineTest, AStartedGuestsKeyStaysClaimedUntilItIsCounted) {
  SetFreeKeys(1);
  state_->reads = false;
  auto request = GoodDefinition();
  request.mutable_image()->mutable_properties()->erase("os_secure_boot");
  request.set_start(true);
  ASSERT_TRUE(Define(request).ok());
  request.mutable_domain()->set_uuid(kOtherUuid);
  request.mutable_domain()->set_name("td-other");
  EXPECT_THAT(Define(request), Fails(absl::StatusCode::kResourceExhausted,
                                     "claimed the last TDX keys", "STARTS_BUSY"));
  state_->Read();  // As if another guest had ended meanwhile: one is free still.
  const auto started = Define(request);
  EXPECT_TRUE(started.ok()) << started.status();
}

TEST_F(DefineTest, MakesOneDomainOfManySimultaneousRepeats) {
  std::vector<absl::StatusOr<v1::DefineTdxDomainResponse>> answers(8, absl::UnknownError(""));
  policy_.slow_limit = answers.size();
  Rebuild();
  std::vector<std::thread> threads;
  for (auto& answer : answers) {
    threads.emplace_back([this, &answer] {
      auto request = GoodDefinition();
      request.set_start(true);
      answer = Define(request);
    });
  }
  for (std::thread& thread : threads) thread.join();
  int made = 0;
  for (const auto& answer : answers) {
    ASSERT_TRUE(answer.ok()) << answer.status();
    made += answer->already_defined() ? 0 : 1;
  }
  EXPECT_EQ(made, 1);
}

}  // namespace
}  // namespace ccplace
