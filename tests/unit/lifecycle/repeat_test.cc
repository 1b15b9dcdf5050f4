// A repeat of a request for a domain that somebody else had a hand in since.
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "tests/unit/lifecycle/lifecycle_fixture.h"

namespace ccplace {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

constexpr auto kFailedPrecondition = absl::StatusCode::kFailedPrecondition;
constexpr char kFirmware[] = "/usr/share/ovmf/OVMF.inteltdx.ms.fd";

class RepeatTest : public LifecycleTest {
 protected:
  absl::StatusOr<v1::DefineTdxDomainResponse> DefineAndStart() {
    auto request = GoodDefinition();
    request.set_start(true);
    return Define(request);
  }
  void Redefine(const std::string& from, const std::string& to) {
    const auto domain = hypervisor_->FindByUuid(kUuid);
    ASSERT_TRUE(domain.ok()) << domain.status();
    ASSERT_THAT(domain->definition, HasSubstr(from));
    const auto changed = hypervisor_->Define(absl::StrReplaceAll(domain->definition, {{from, to}}));
    ASSERT_TRUE(changed.ok()) << changed.status();
  }
  static std::vector<std::string> Differences(
      const absl::StatusOr<v1::DefineTdxDomainResponse>& answer) {
    std::vector<std::string> texts;
    EXPECT_TRUE(answer.ok()) << answer.status();
    if (!answer.ok()) return texts;
    for (const auto& one : answer->differences()) {
      texts.push_back(one.field() + ": " + one.asked() + " -> " + one.found() +
                      (one.side() == v1::DOMAIN_SIDE_ACTIVE_GUEST ? " (guest)" : ""));
    }
    return texts;
  }
};

TEST_F(RepeatTest, SaysNothingOfADomainThatNobodyTouched) {
  ASSERT_TRUE(DefineAndStart().ok());
  const auto again = Define(GoodDefinition());
  EXPECT_THAT(Differences(again), IsEmpty());
  EXPECT_TRUE(again->already_defined());
  EXPECT_FALSE(again->transient());
  EXPECT_EQ(again->state(), v1::DOMAIN_STATE_RUNNING);
}

TEST_F(RepeatTest, SaysAllThatWasChangedByHand) {
  ASSERT_TRUE(Define(GoodDefinition()).ok());
  Redefine("<memory unit=\"MiB\">2048<", "<memory unit=\"MiB\">4096<");
  Redefine("demo.raw", "other.raw");
  Redefine(absl::StrCat(kFirmware, "</loader>"), "/usr/share/other.fd</loader>");
  const auto again = Define(GoodDefinition());
  EXPECT_THAT(Differences(again),
              UnorderedElementsAre("domain.memory_mib: 2048 -> 4096",
                                   "domain.disks[0].source: file /var/lib/libvirt/images/demo.raw "
                                   "-> file /var/lib/libvirt/images/other.raw",
                                   "xml.os.loader: /usr/share/ovmf/OVMF.inteltdx.ms.fd -> "
                                   "/usr/share/other.fd"));
  EXPECT_TRUE(again->already_defined());
}

TEST_F(RepeatTest, TellsTheDefinitionFromTheGuest) {
  ASSERT_TRUE(DefineAndStart().ok());
  Redefine("<vcpu placement=\"static\">2<", "<vcpu placement=\"static\">4<");
  EXPECT_THAT(Differences(Define(GoodDefinition())), UnorderedElementsAre("domain.vcpus: 2 -> 4"));
}

TEST_F(RepeatTest, SaysWhatDiffersWhenItStartsTheDomainToo) {
  ASSERT_TRUE(Define(GoodDefinition()).ok());
  Redefine("<vcpu placement=\"static\">2<", "<vcpu placement=\"static\">4<");
  const auto started = DefineAndStart();
  EXPECT_THAT(Differences(started), UnorderedElementsAre("domain.vcpus: 2 -> 4"));
  EXPECT_TRUE(started->running());
}

TEST_F(RepeatTest, AnswersWithTheNameThatTheDomainHas) {
  ASSERT_TRUE(Define(GoodDefinition()).ok());
  ASSERT_TRUE(hypervisor_->Rename(kUuid, "renamed").ok());
  const auto again = Define(GoodDefinition());
  EXPECT_THAT(Differences(again), UnorderedElementsAre("domain.name: td-one -> renamed"));
  EXPECT_EQ(again->name(), "renamed");
}

TEST_F(RepeatTest, TellsOfAGuestThatNobodyDefinesAnyMore) {
  ASSERT_TRUE(DefineAndStart().ok());
  ASSERT_TRUE(hypervisor_->DropDefinition(kUuid).ok());
  const auto again = DefineAndStart();
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_TRUE(again->transient());
  EXPECT_TRUE(again->running());
  EXPECT_TRUE(again->already_defined());
  const auto removed = Undefine(kUuid, /*stop=*/true);
  ASSERT_TRUE(removed.ok()) << removed.status();
  EXPECT_TRUE(removed->stopped());
}

TEST_F(RepeatTest, RefusesADefinitionThatIsNoTrustDomainAnyMoreUnderAGuestThatIs) {
  ASSERT_TRUE(DefineAndStart().ok());
  Redefine("type=\"tdx\"", "type=\"sev\"");
  EXPECT_THAT(Define(GoodDefinition()),
              Fails(absl::StatusCode::kAlreadyExists, "xml.launchSecurity.type of the definition",
                    "UUID_HAS_OTHER_CONTENT"));
}

TEST_F(RepeatTest, LeavesAloneWhatSomebodyElseDefinedUnderAGuest) {
  ASSERT_TRUE(DefineAndStart().ok());
  Redefine("urn:ccplace:domain:1", "urn:theirs");
  EXPECT_THAT(Define(GoodDefinition()),
              Fails(absl::StatusCode::kAlreadyExists, "not defined by", "DOMAIN_OF_SOMEBODY_ELSE"));
  EXPECT_THAT(Undefine(kUuid, /*stop=*/true),
              Fails(kFailedPrecondition, "not defined by", "DOMAIN_OF_SOMEBODY_ELSE"));
  EXPECT_EQ(hypervisor_->FindByUuid(kUuid)->state, v1::DOMAIN_STATE_RUNNING);
}

TEST_F(RepeatTest, ACrashedGuestDoesNotRunAndIsNotStarted) {
  ASSERT_TRUE(DefineAndStart().ok());
  ASSERT_TRUE(hypervisor_->Crash(kUuid).ok());
  EXPECT_THAT(DefineAndStart(), Fails(kFailedPrecondition, "virsh destroy", "DOMAIN_CRASHED"));
  const auto seen = Define(GoodDefinition());
  ASSERT_TRUE(seen.ok()) << seen.status();
  EXPECT_FALSE(seen->running());
  EXPECT_EQ(seen->state(), v1::DOMAIN_STATE_CRASHED);
}

TEST_F(RepeatTest, ACrashedGuestIsRemovedWithStopAlone) {
  ASSERT_TRUE(DefineAndStart().ok());
  ASSERT_TRUE(hypervisor_->Crash(kUuid).ok());
  EXPECT_THAT(Undefine(kUuid),
              Fails(kFailedPrecondition, "is crashed, with its key", "DOMAIN_RUNS"));
  const auto removed = Undefine(kUuid, /*stop=*/true);
  ASSERT_TRUE(removed.ok()) << removed.status();
  EXPECT_TRUE(removed->stopped());
  EXPECT_TRUE(absl::IsNotFound(hypervisor_->FindByUuid(kUuid).status()));
}

// libvirt took it up again while it waited for its vhost-user switch.
TEST_F(RepeatTest, AGuestWhoseQemuAnswersNothingIsNamedWithTheRemedy) {
  ASSERT_TRUE(DefineAndStart().ok());
  ASSERT_TRUE(hypervisor_->Hold(kUuid).ok());
  EXPECT_THAT(DefineAndStart(), Fails(kFailedPrecondition, "with stop", "DOMAIN_HELD"));
  EXPECT_THAT(Define(GoodDefinition()), Fails(kFailedPrecondition, "switch", "DOMAIN_HELD"));
}

TEST_F(RepeatTest, AGuestWhoseQemuAnswersNothingIsRemovedWithStopAlone) {
  ASSERT_TRUE(DefineAndStart().ok());
  ASSERT_TRUE(hypervisor_->Hold(kUuid).ok());
  EXPECT_THAT(Undefine(kUuid), Fails(kFailedPrecondition, "set stop", "DOMAIN_RUNS"));
  const auto removed = Undefine(kUuid, /*stop=*/true);
  ASSERT_TRUE(removed.ok()) << removed.status();
  EXPECT_TRUE(removed->stopped());
  EXPECT_TRUE(absl::IsNotFound(hypervisor_->FindByUuid(kUuid).status()));
}

TEST_F(RepeatTest, APausedGuestIsThereAndDoesNotRun) {
  ASSERT_TRUE(DefineAndStart().ok());
  ASSERT_TRUE(hypervisor_->Pause(kUuid).ok());
  const auto again = DefineAndStart();
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_FALSE(again->running());
  EXPECT_EQ(again->state(), v1::DOMAIN_STATE_PAUSED);
}

TEST_F(RepeatTest, AGuestOnItsWayDownIsToBeAskedForAgain) {
  ASSERT_TRUE(DefineAndStart().ok());
  ASSERT_TRUE(hypervisor_->ShutDown(kUuid).ok());
  EXPECT_THAT(DefineAndStart(),
              Fails(absl::StatusCode::kUnavailable, "repeat the request", "DOMAIN_SHUTS_DOWN"));
}

TEST_F(RepeatTest, ReferenceValuesOfAGuestAreThoseOfItsStart) {
  files_->WriteFile(kFirmware, "the old one");
  const auto started = DefineAndStart();
  ASSERT_TRUE(started.ok()) << started.status();
  EXPECT_EQ(started->reference().firmware_moment(), v1::FIRMWARE_MOMENT_START);
  EXPECT_EQ(started->reference().firmware_file_sha384(), "");
  const std::string old_hash = started->reference().firmware_sha384();
  files_->WriteFile(kFirmware, "the new one");
  const auto again = Define(GoodDefinition());
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(again->reference().firmware_sha384(), old_hash);
  EXPECT_EQ(again->reference().firmware_moment(), v1::FIRMWARE_MOMENT_START);
  EXPECT_EQ(again->reference().firmware_file_sha384(), *files_->Sha384(kFirmware));
  EXPECT_NE(again->reference().firmware_file_sha384(), old_hash);
}

TEST_F(RepeatTest, WhatAGuestWasMeasuredToAndTheModuleOfItsStartAreKept) {
  constexpr char kModule[] = "/sys/devices/faux/tdx_host/version";
  v1::HostCapabilities& host = state_->snapshot.capabilities;
  files_->WriteFile(kFirmware, "the old one");
  files_->WriteFile(kModule, "1.5.20\n");
  host.mutable_tdx_firmware()->set_sha384(*files_->Sha384(kFirmware));
  host.mutable_tdx_firmware()->set_mrtd(std::string(48, 'o'));
  host.mutable_versions()->set_tdx_module("1.5.20");
  const auto started = DefineAndStart();
  ASSERT_TRUE(started.ok()) << started.status();
  EXPECT_EQ(started->reference().mrtd(), std::string(48, 'o'));
  EXPECT_EQ(started->reference().tdx_module(), "1.5.20");
  EXPECT_EQ(started->reference().newer_tdx_module(), "");
  files_->WriteFile(kFirmware, "the new one");
  files_->WriteFile(kModule, "1.5.24\n");
  host.mutable_tdx_firmware()->set_sha384(*files_->Sha384(kFirmware));
  host.mutable_tdx_firmware()->set_mrtd(std::string(48, 'n'));
  host.mutable_versions()->set_tdx_module("1.5.24");
  const auto again = Define(GoodDefinition());
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(again->reference().mrtd(), std::string(48, 'o'));
  EXPECT_EQ(again->reference().tdx_module(), "1.5.20");
  EXPECT_EQ(again->reference().newer_tdx_module(), "1.5.24");
  ASSERT_TRUE(hypervisor_->Stop(kUuid).ok());
  const auto off = Define(GoodDefinition());
  ASSERT_TRUE(off.ok()) << off.status();
  EXPECT_EQ(off->reference().mrtd(), std::string(48, 'n'));
  EXPECT_EQ(off->reference().tdx_module(), "1.5.24");
  EXPECT_EQ(off->reference().newer_tdx_module(), "");
}

TEST_F(RepeatTest, AModuleThatSaysNoVersionIsNotKept) {
  files_->WriteFile("/sys/devices/faux/tdx_host/version", "<soon>\n");
  const auto started = DefineAndStart();
  ASSERT_TRUE(started.ok()) << started.status();
  EXPECT_EQ(started->reference().firmware_moment(), v1::FIRMWARE_MOMENT_START);
  EXPECT_EQ(started->reference().tdx_module(), "");
}

TEST_F(RepeatTest, AStoppedDomainHasTheReferenceValuesOfItsNextStart) {
  files_->WriteFile(kFirmware, "the old one");
  ASSERT_TRUE(DefineAndStart().ok());
  files_->WriteFile(kFirmware, "the new one");
  ASSERT_TRUE(hypervisor_->Stop(kUuid).ok());
  const auto again = Define(GoodDefinition());
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(again->reference().firmware_sha384(), *files_->Sha384(kFirmware));
  EXPECT_EQ(again->reference().firmware_moment(), v1::FIRMWARE_MOMENT_NEXT_START);
}

TEST_F(RepeatTest, AGuestThatOthersStartedHasValuesOfALaterMoment) {
  ASSERT_TRUE(Define(GoodDefinition()).ok());
  ASSERT_TRUE(hypervisor_->Start(kUuid).ok());
  const auto again = Define(GoodDefinition());
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(again->reference().firmware_moment(), v1::FIRMWARE_MOMENT_AFTER_START);
  EXPECT_THAT(again->reference().firmware_sha384(), SizeIs(48));
}

TEST_F(RepeatTest, FirmwareOfAGuestThatCannotBeReadAnyMoreIsStillKnown) {
  files_->WriteFile(kFirmware, "the old one");
  const auto started = DefineAndStart();
  ASSERT_TRUE(started.ok()) << started.status();
  files_->Remove(kFirmware);
  const auto again = Define(GoodDefinition());
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(again->reference().firmware_sha384(), started->reference().firmware_sha384());
  EXPECT_EQ(again->reference().firmware_file_sha384(), "");
}

TEST_F(RepeatTest, WarnsAtTheDryRunThatADebuggableGuestNeverStarts) {
  policy_.host.set_allow_debug(true);
  Rebuild();
  auto request = GoodDefinition();
  request.set_dry_run(true);
  const auto plain = Define(request);
  ASSERT_TRUE(plain.ok()) << plain.status();
  EXPECT_THAT(plain->warnings(), IsEmpty());
  request.mutable_launch()->set_debug(true);
  const auto debuggable = Define(request);
  ASSERT_TRUE(debuggable.ok()) << debuggable.status();
  ASSERT_THAT(debuggable->warnings(), SizeIs(1));
  EXPECT_EQ(debuggable->warnings(0).reason(), v1::WARNING_REASON_DEBUG_NEVER_STARTS);
  EXPECT_THAT(debuggable->warnings(0).message(), HasSubstr("every start"));
}

}  // namespace
}  // namespace ccplace
