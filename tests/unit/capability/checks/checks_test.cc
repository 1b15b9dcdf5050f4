// Each check: what makes it pass, fail and stay unknown, and what it says then.
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lib/capability/snapshot/build_snapshot.h"
#include "tests/unit/capability/host_under_test.h"

namespace ccplace {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class TdxChecksTest : public ::testing::Test {
 protected:
  TdxChecksTest() { MakeTdxHost(host_); }
  v1::Check Check(v1::CheckKind kind) { return host_.Check(kTdx, kind); }
  v1::Support Verdict() { return host_.Model(kTdx).verdict(); }

  HostUnderTest host_;
};

class SevChecksTest : public ::testing::Test {
 protected:
  SevChecksTest() { MakeSevHost(host_); }

  HostUnderTest host_;
};

std::vector<v1::CheckKind> KindsOf(const v1::ModelCapability& model) {
  std::vector<v1::CheckKind> kinds;
  for (const v1::Check& check : model.checks()) kinds.push_back(check.kind());
  return kinds;
}

TEST_F(TdxChecksTest, AGoodHostIsSupportedWithNothingToRepair) {
  const v1::ModelCapability model = host_.Model(kTdx);
  EXPECT_EQ(model.verdict(), v1::SUPPORT_SUPPORTED);
  EXPECT_EQ(model.attestation(), v1::SUPPORT_SUPPORTED);
  EXPECT_THAT(
      KindsOf(model),
      ElementsAre(v1::CHECK_KIND_ARCHITECTURE, v1::CHECK_KIND_KERNEL_PARAMETER,
                  v1::CHECK_KIND_KEY_CAPACITY, v1::CHECK_KIND_DOMAIN_CAPABILITY,
                  v1::CHECK_KIND_VIRT_TYPE, v1::CHECK_KIND_CPU_MODE, v1::CHECK_KIND_FIRMWARE,
                  v1::CHECK_KIND_HIBERNATION, v1::CHECK_KIND_FIRMWARE_DESCRIPTORS,
                  v1::CHECK_KIND_MACHINE_TYPE, v1::CHECK_KIND_SECTYPE_AGREEMENT,
                  v1::CHECK_KIND_QUOTE_GENERATION_SERVICE, v1::CHECK_KIND_QUOTE_SERVICE_ACCESS));
  for (const v1::Check& check : model.checks()) {
    EXPECT_EQ(check.result(), kPass) << check.DebugString();
    EXPECT_FALSE(check.found().empty());
    EXPECT_FALSE(check.source().empty());
    EXPECT_EQ(check.remedy(), "");
  }
}

TEST_F(TdxChecksTest, AHostOfWhichNothingWasReadIsUnknownThroughout) {
  const Snapshot snapshot =
      BuildSnapshot(HostFileFacts(), absl::UnavailableError("not connected"), CapabilityOptions());
  for (const v1::ModelCapability& model : snapshot.capabilities.models()) {
    EXPECT_EQ(model.verdict(), v1::SUPPORT_UNKNOWN);
    for (const v1::Check& check : model.checks()) {
      EXPECT_NE(check.result(), kFail) << check.DebugString();
      EXPECT_NE(check.found(), "") << check.DebugString();
      EXPECT_EQ(check.remedy().empty(), check.result() == kPass) << check.DebugString();
    }
  }
}

TEST_F(TdxChecksTest, AnotherArchitectureFails) {
  host_.files.WriteFile("/proc/sys/kernel/arch", "aarch64\n");
  EXPECT_EQ(Check(v1::CHECK_KIND_ARCHITECTURE).result(), kFail);
  EXPECT_EQ(Check(v1::CHECK_KIND_ARCHITECTURE).found(), "aarch64");
  host_.files.Remove("/proc/sys/kernel/arch");
  EXPECT_EQ(Check(v1::CHECK_KIND_ARCHITECTURE).result(), kUnknown);
}

TEST_F(TdxChecksTest, AParameterThatIsOffFailsAndNamesTheRepair) {
  host_.files.WriteFile("/sys/module/kvm_intel/parameters/tdx", "N\n");
  const v1::Check check = Check(v1::CHECK_KIND_KERNEL_PARAMETER);
  EXPECT_EQ(check.result(), kFail);
  EXPECT_EQ(check.source(), "/sys/module/kvm_intel/parameters/tdx");
  EXPECT_THAT(check.remedy(), HasSubstr("options kvm_intel tdx=1"));
  EXPECT_EQ(Verdict(), v1::SUPPORT_UNSUPPORTED);
}

TEST_F(TdxChecksTest, AModuleThatIsNotLoadedFails) {
  host_.files.Remove("/sys/module/kvm_intel");
  const v1::Check check = Check(v1::CHECK_KIND_KERNEL_PARAMETER);
  EXPECT_EQ(check.result(), kFail);
  EXPECT_EQ(check.found(), "kernel module kvm_intel is not loaded");
  EXPECT_THAT(check.remedy(), HasSubstr("load kvm_intel"));
}

TEST_F(TdxChecksTest, AParameterThatCannotBeReadIsUnknownNeverNo) {
  for (const absl::string_view content : {"", "maybe\n"}) {
    host_.files.WriteFile("/sys/module/kvm_intel/parameters/tdx", content);
    EXPECT_EQ(Check(v1::CHECK_KIND_KERNEL_PARAMETER).result(), kUnknown);
  }
  host_.files.FailAt("/sys/module/kvm_intel/parameters/tdx", absl::PermissionDeniedError("no"));
  EXPECT_EQ(Check(v1::CHECK_KIND_KERNEL_PARAMETER).result(), kUnknown);
  EXPECT_EQ(Verdict(), v1::SUPPORT_UNKNOWN);
}

TEST_F(TdxChecksTest, WithoutSysTheParameterIsUnknown) {
  host_.files.Remove("/sys/module");
  EXPECT_EQ(Check(v1::CHECK_KIND_KERNEL_PARAMETER).result(), kUnknown);
  EXPECT_THAT(Check(v1::CHECK_KIND_KERNEL_PARAMETER).remedy(), HasSubstr("--host_root"));
}

TEST_F(TdxChecksTest, OneFailedGateOutweighsUnknownOnes) {
  host_.files.FailAt("/sys/module", absl::PermissionDeniedError("no"));
  host_.options.cpu_mode = "host-model";
  EXPECT_EQ(Verdict(), v1::SUPPORT_UNSUPPORTED);
}

TEST_F(TdxChecksTest, KeyCapacityMustBeAboveZero) {
  EXPECT_EQ(Check(v1::CHECK_KIND_KEY_CAPACITY).found(), "63");
  host_.files.WriteFile("/sys/fs/cgroup/misc.capacity", "tdx 0\n");
  EXPECT_EQ(Check(v1::CHECK_KIND_KEY_CAPACITY).result(), kFail);
}

TEST_F(TdxChecksTest, KeyCapacityThatIsNotCountedIsUnknownUntilConfigured) {
  host_.files.Remove("/sys/fs/cgroup/misc.capacity");
  EXPECT_EQ(Check(v1::CHECK_KIND_KEY_CAPACITY).result(), kUnknown);
  EXPECT_THAT(Check(v1::CHECK_KIND_KEY_CAPACITY).remedy(), HasSubstr("--tdx_guest_limit"));
  host_.options.tdx_guest_limit = 16;
  EXPECT_EQ(Check(v1::CHECK_KIND_KEY_CAPACITY).result(), kPass);
  EXPECT_EQ(Check(v1::CHECK_KIND_KEY_CAPACITY).source(), "--tdx_guest_limit");
  host_.options.tdx_guest_limit = 0;
  EXPECT_EQ(Check(v1::CHECK_KIND_KEY_CAPACITY).result(), kFail);
}

TEST_F(TdxChecksTest, KeyCapacityThatCannotBeReadStaysUnknownWhateverIsConfigured) {
  host_.files.WriteFile("/sys/fs/cgroup/misc.capacity", "tdx -1\n");
  host_.options.tdx_guest_limit = 16;
  const v1::Check check = Check(v1::CHECK_KIND_KEY_CAPACITY);
  EXPECT_EQ(check.result(), kUnknown);
  EXPECT_THAT(check.found(), HasSubstr("'tdx -1'"));
}

TEST_F(TdxChecksTest, OnlyTheTdxElementCounts) {
  host_.hypervisor.capabilities_xml =
      TestData("domcaps/libvirt-12.8-qemu-11.1-kvm-q35-param-missing.xml");
  const v1::Check check = Check(v1::CHECK_KIND_DOMAIN_CAPABILITY);
  EXPECT_EQ(check.result(), kFail);
  EXPECT_EQ(check.source(), "libvirt domain capabilities <features><tdx>");
  EXPECT_EQ(Verdict(), v1::SUPPORT_UNSUPPORTED);
}

TEST_F(TdxChecksTest, DisagreementOfSectypeAndElementIsAFindingOfItsOwn) {
  host_.hypervisor.capabilities_xml =
      TestData("domcaps/libvirt-12.8-qemu-11.1-kvm-q35-param-missing.xml");
  const v1::Check check = Check(v1::CHECK_KIND_SECTYPE_AGREEMENT);
  EXPECT_EQ(check.result(), kFail);
  EXPECT_FALSE(check.gate());
  EXPECT_EQ(check.found(), "<tdx supported='no'>, sectype tdx listed");
}

TEST_F(TdxChecksTest, AMissingSectypeIsNoGate) {
  host_.hypervisor.capabilities_xml =
      ReplaceIn(host_.hypervisor.capabilities_xml, "<value>tdx</value>", "");
  EXPECT_EQ(Check(v1::CHECK_KIND_SECTYPE_AGREEMENT).result(), kFail);
  EXPECT_EQ(Verdict(), v1::SUPPORT_SUPPORTED);
}

TEST_F(TdxChecksTest, ALibvirtThatKnowsNoTdxElementIsUnknown) {
  host_.hypervisor.versions = HypervisorVersions{"9.0.0", "7.2.0"};
  host_.hypervisor.capabilities_xml =
      ReplaceIn(host_.hypervisor.capabilities_xml, "<tdx supported='yes'/>", "");
  const v1::Check check = Check(v1::CHECK_KIND_DOMAIN_CAPABILITY);
  EXPECT_EQ(check.result(), kUnknown);
  EXPECT_EQ(check.remedy(), "upgrade to libvirt 11.6 or later: 9.0.0 knows no <tdx>");
  EXPECT_EQ(Check(v1::CHECK_KIND_SECTYPE_AGREEMENT).result(), kUnknown);
  EXPECT_EQ(Verdict(), v1::SUPPORT_UNKNOWN);
}

TEST_F(TdxChecksTest, WithoutLibvirtItsChecksAreUnknownAndSayWhy) {
  host_.hypervisor.versions = absl::UnavailableError("cannot connect to qemu:///system");
  const v1::Check check = Check(v1::CHECK_KIND_DOMAIN_CAPABILITY);
  EXPECT_EQ(check.result(), kUnknown);
  EXPECT_THAT(check.found(), HasSubstr("cannot connect to qemu:///system"));
  EXPECT_THAT(check.remedy(), HasSubstr("start libvirt"));
  EXPECT_EQ(Verdict(), v1::SUPPORT_UNKNOWN);
}

TEST_F(TdxChecksTest, AMachineThatLibvirtRefusesFails) {
  host_.hypervisor.capabilities_xml = absl::InvalidArgumentError("KVM is not supported");
  EXPECT_EQ(Check(v1::CHECK_KIND_DOMAIN_CAPABILITY).result(), kFail);
  EXPECT_EQ(Check(v1::CHECK_KIND_DOMAIN_CAPABILITY).found(), "KVM is not supported");
}

TEST_F(TdxChecksTest, CapabilitiesThatCannotBeUnderstoodAreUnknown) {
  host_.hypervisor.capabilities_xml = TestData("domcaps/invalid_truncated.xml");
  EXPECT_EQ(Check(v1::CHECK_KIND_DOMAIN_CAPABILITY).result(), kUnknown);
}

TEST_F(TdxChecksTest, PlainQemuIsUnsupported) {
  host_.fact_options.virt_type = "qemu";
  host_.options.virt_type = "qemu";
  host_.hypervisor.capabilities_xml = TestData("domcaps/libvirt-12.8-qemu-11.1-qemu-q35.xml");
  EXPECT_EQ(Check(v1::CHECK_KIND_VIRT_TYPE).result(), kFail);
  EXPECT_EQ(Check(v1::CHECK_KIND_VIRT_TYPE).found(), "qemu");
  EXPECT_EQ(Check(v1::CHECK_KIND_CPU_MODE).result(), kFail);
  EXPECT_EQ(Check(v1::CHECK_KIND_DOMAIN_CAPABILITY).result(), kFail);
  EXPECT_EQ(host_.hypervisor.asked, "q35 qemu");
}

TEST_F(TdxChecksTest, OnlyAModeOfTheHostsOwnProcessorWillDo) {
  for (const char* mode : {"host-passthrough", "maximum"}) {
    host_.options.cpu_mode = mode;
    EXPECT_EQ(Check(v1::CHECK_KIND_CPU_MODE).result(), kPass) << mode;
  }
  for (const char* mode : {"host-model", "custom", "none", ""}) {
    host_.options.cpu_mode = mode;
    EXPECT_EQ(Check(v1::CHECK_KIND_CPU_MODE).result(), kFail) << mode;
  }
}

TEST_F(TdxChecksTest, AModeThatLibvirtDoesNotOfferFails) {
  host_.hypervisor.capabilities_xml = absl::StrReplaceAll(
      *host_.hypervisor.capabilities_xml,
      {{"<mode name='maximum' supported='yes'>", "<mode name='maximum' supported='no'>"}});
  EXPECT_EQ(Check(v1::CHECK_KIND_CPU_MODE).result(), kPass);
  host_.options.cpu_mode = "maximum";
  EXPECT_EQ(Check(v1::CHECK_KIND_CPU_MODE).result(), kFail);
  EXPECT_THAT(Check(v1::CHECK_KIND_CPU_MODE).remedy(), HasSubstr("maximum needs it"));
}

TEST_F(TdxChecksTest, TheMachineTypeIsTheRequestsWhateverTheDefaultIs) {
  for (const char* machine : {"q35", "pc-q35-9.2", "pc-q35-noble"}) {
    host_.options.default_machine_type = machine;
    EXPECT_EQ(Check(v1::CHECK_KIND_MACHINE_TYPE).found(), machine);
    EXPECT_EQ(Verdict(), v1::SUPPORT_SUPPORTED) << machine;
  }
  for (const char* machine : {"pc", "pc-i440fx-9.2", "virt", ""}) {
    host_.options.default_machine_type = machine;
    EXPECT_EQ(Check(v1::CHECK_KIND_MACHINE_TYPE).result(), kPass) << machine;
    EXPECT_THAT(Check(v1::CHECK_KIND_MACHINE_TYPE).found(), HasSubstr("must name q35"));
    EXPECT_EQ(Verdict(), v1::SUPPORT_SUPPORTED) << machine;
  }
}

TEST_F(TdxChecksTest, AKernelBuiltWithoutTdxIsNamedAsSuch) {
  host_.files.Remove("/sys/module/kvm_intel/parameters/tdx");
  host_.files.WriteFile("/sys/module/kvm_intel/parameters/ept", "Y\n");
  EXPECT_THAT(Check(v1::CHECK_KIND_KERNEL_PARAMETER).remedy(), HasSubstr("Linux 6.16 or later"));
  host_.files.WriteFile("/boot/config-6.18.1-amd64",
                        "CONFIG_X86=y\n# CONFIG_INTEL_TDX_HOST is not set\n");
  const v1::Check check = Check(v1::CHECK_KIND_KERNEL_PARAMETER);
  EXPECT_EQ(check.result(), kFail);
  EXPECT_THAT(check.found(), HasSubstr("built without CONFIG_INTEL_TDX_HOST"));
  EXPECT_THAT(check.source(), HasSubstr("/boot/config-6.18.1-amd64"));
  EXPECT_THAT(check.remedy(), HasSubstr("CONFIG_INTEL_TDX_HOST=y"));
  host_.files.WriteFile("/boot/config-6.18.1-amd64", "CONFIG_INTEL_TDX_HOST=y\n");
  EXPECT_THAT(Check(v1::CHECK_KIND_KERNEL_PARAMETER).remedy(), HasSubstr("load kvm_intel"));
}

TEST_F(TdxChecksTest, HibernationIsAFindingWhereItKeepsTdxOff) {
  const auto hibernation = [this] { return Check(v1::CHECK_KIND_HIBERNATION); };
  EXPECT_EQ(hibernation().result(), kPass);
  host_.files.WriteFile("/sys/power/disk", "[platform] shutdown reboot suspend test_resume\n");
  EXPECT_EQ(hibernation().result(), kPass);  // TDX is on all the same.
  host_.files.WriteFile("/sys/module/kvm_intel/parameters/tdx", "N\n");
  EXPECT_EQ(hibernation().result(), kFail);
  EXPECT_FALSE(hibernation().gate());
  EXPECT_THAT(hibernation().remedy(), HasSubstr("nohibernate"));
  host_.files.Remove("/sys/power/disk");
  EXPECT_EQ(hibernation().result(), kPass);  // This kernel has none.
  host_.files.Remove("/sys/power");
  EXPECT_EQ(hibernation().result(), kUnknown);
}

TEST_F(TdxChecksTest, VersionsTellMicrocodeAndBiosOrNothing) {
  EXPECT_EQ(host_.Read().capabilities.versions().bios(), "");
  host_.files.WriteFile("/sys/devices/system/cpu/cpu0/microcode/version", "0x2b000643\n");
  host_.files.WriteFile("/sys/class/dmi/id/bios_version", "2.4 \x07\n");
  host_.files.WriteFile("/sys/class/dmi/id/bios_date", "08/20/2025\n");
  const v1::HostVersions versions = host_.Read().capabilities.versions();
  EXPECT_EQ(versions.microcode(), "0x2b000643");
  EXPECT_EQ(versions.bios(), "");  // Not printable.
  EXPECT_EQ(versions.bios_date(), "08/20/2025");
}

TEST_F(TdxChecksTest, HostileTextIsMadePrintableAndBounded) {
  host_.hypervisor.versions = absl::UnavailableError("\x1b[31m" + std::string(100000, 'x'));
  const std::string found = Check(v1::CHECK_KIND_DOMAIN_CAPABILITY).found();
  EXPECT_LT(found.size(), 1000u);
  EXPECT_EQ(found.find('\x1b'), std::string::npos);
}

TEST_F(SevChecksTest, AGoodHostSupportsSevAndSnpAndDisplacesEs) {
  EXPECT_EQ(host_.Model(kSev).verdict(), v1::SUPPORT_SUPPORTED);
  EXPECT_EQ(host_.Model(kSevSnp).verdict(), v1::SUPPORT_SUPPORTED);
  EXPECT_EQ(host_.Model(kSevEs).verdict(), v1::SUPPORT_UNSUPPORTED);
  EXPECT_EQ(host_.Model(kTdx).verdict(), v1::SUPPORT_UNSUPPORTED);
  EXPECT_EQ(host_.Model(kSev).attestation(), v1::SUPPORT_UNKNOWN);
}

TEST_F(SevChecksTest, EachModelHasItsOwnChecks) {
  EXPECT_THAT(KindsOf(host_.Model(kSevEs)),
              ElementsAre(v1::CHECK_KIND_ARCHITECTURE, v1::CHECK_KIND_KERNEL_PARAMETER,
                          v1::CHECK_KIND_NOT_DISPLACED, v1::CHECK_KIND_KEY_CAPACITY,
                          v1::CHECK_KIND_DOMAIN_CAPABILITY, v1::CHECK_KIND_VIRT_TYPE,
                          v1::CHECK_KIND_FIRMWARE, v1::CHECK_KIND_FIRMWARE_DESCRIPTORS,
                          v1::CHECK_KIND_MACHINE_TYPE));
  EXPECT_THAT(KindsOf(host_.Model(kSevSnp)),
              ElementsAre(v1::CHECK_KIND_ARCHITECTURE, v1::CHECK_KIND_KERNEL_PARAMETER,
                          v1::CHECK_KIND_KEY_CAPACITY, v1::CHECK_KIND_DOMAIN_CAPABILITY,
                          v1::CHECK_KIND_LAUNCH_SECURITY_TYPE, v1::CHECK_KIND_VIRT_TYPE,
                          v1::CHECK_KIND_FIRMWARE, v1::CHECK_KIND_NO_OLDER_GUESTS,
                          v1::CHECK_KIND_FIRMWARE_DESCRIPTORS, v1::CHECK_KIND_MACHINE_TYPE));
}

TEST_F(SevChecksTest, SevEsIsThereWhereSnpIsOffOrUnknownToTheKernel) {
  host_.files.WriteFile("/sys/module/kvm_amd/parameters/sev_snp", "N\n");
  EXPECT_EQ(host_.Model(kSevEs).verdict(), v1::SUPPORT_SUPPORTED);
  host_.files.Remove("/sys/module/kvm_amd/parameters/sev_snp");
  EXPECT_EQ(host_.Model(kSevEs).verdict(), v1::SUPPORT_SUPPORTED);
  host_.files.WriteFile("/sys/module/kvm_amd/parameters/sev_snp", "?");
  EXPECT_EQ(host_.Model(kSevEs).verdict(), v1::SUPPORT_UNKNOWN);
}

TEST_F(SevChecksTest, EachModelNeedsItsOwnParameter) {
  host_.files.WriteFile("/sys/module/kvm_amd/parameters/sev_snp", "N\n");
  host_.files.WriteFile("/sys/module/kvm_amd/parameters/sev_es", "N\n");
  EXPECT_EQ(host_.Model(kSev).verdict(), v1::SUPPORT_SUPPORTED);
  EXPECT_EQ(host_.Check(kSevEs, v1::CHECK_KIND_KERNEL_PARAMETER).result(), kFail);
  EXPECT_EQ(host_.Check(kSevSnp, v1::CHECK_KIND_KERNEL_PARAMETER).result(), kFail);
}

TEST_F(SevChecksTest, SnpNeedsItsSectype) {
  host_.hypervisor.capabilities_xml =
      ReplaceIn(host_.hypervisor.capabilities_xml, "<value>sev-snp</value>", "");
  const v1::Check check = host_.Check(kSevSnp, v1::CHECK_KIND_LAUNCH_SECURITY_TYPE);
  EXPECT_EQ(check.result(), kFail);
  EXPECT_EQ(check.found(), "sectypes: sev");
  EXPECT_EQ(host_.Model(kSev).verdict(), v1::SUPPORT_SUPPORTED);
}

TEST_F(SevChecksTest, AnOldLibvirtsSectypesAreUnknown) {
  host_.hypervisor.capabilities_xml =
      ReplaceIn(host_.hypervisor.capabilities_xml, "launchSecurity", "other");
  EXPECT_EQ(host_.Check(kSevSnp, v1::CHECK_KIND_LAUNCH_SECURITY_TYPE).result(), kUnknown);
  EXPECT_EQ(host_.Check(kSev, v1::CHECK_KIND_SECTYPE_AGREEMENT).result(), kUnknown);
}

TEST_F(SevChecksTest, SevRunsWithAnyCpuMode) {
  host_.options.cpu_mode = "host-model";
  EXPECT_EQ(host_.Model(kSev).verdict(), v1::SUPPORT_SUPPORTED);
}

TEST_F(SevChecksTest, SnpNeedsFirmwareInMemoryAndSevTakesFlash) {
  host_.files.Remove("/usr/share/qemu/firmware/60-edk2-x86_64-amdsev.json");
  EXPECT_EQ(host_.Check(kSevSnp, v1::CHECK_KIND_FIRMWARE).result(), kFail);
  EXPECT_EQ(host_.Check(kSev, v1::CHECK_KIND_FIRMWARE).result(), kPass);
}

TEST_F(SevChecksTest, NoSevOnAHostWithTdxAlone) {
  HostUnderTest tdx;
  MakeTdxHost(tdx);
  for (const v1::EncryptionModel model : {kSev, kSevEs, kSevSnp}) {
    EXPECT_EQ(tdx.Model(model).verdict(), v1::SUPPORT_UNSUPPORTED);
  }
}

TEST_F(SevChecksTest, GuestsThatNovaWouldStopAtAreNamedWhereSnpIsOn) {
  EXPECT_EQ(host_.Check(kSevSnp, v1::CHECK_KIND_NO_OLDER_GUESTS).result(), kPass);
  host_.AddDomain("old-es", "sev", v1::DOMAIN_STATE_SHUT_OFF, "0x7");
  host_.AddDomain("new", "sev-snp", v1::DOMAIN_STATE_RUNNING, "0x30000");
  const v1::Check check = host_.Check(kSevSnp, v1::CHECK_KIND_NO_OLDER_GUESTS);
  EXPECT_EQ(check.result(), kFail);
  EXPECT_FALSE(check.gate());
  EXPECT_EQ(check.found(), "guests of amd-sev or amd-sev-es: old-es");
  host_.files.WriteFile("/sys/module/kvm_amd/parameters/sev_snp", "N\n");
  EXPECT_EQ(host_.Check(kSevSnp, v1::CHECK_KIND_NO_OLDER_GUESTS).result(), kPass);
}

TEST_F(SevChecksTest, AKeyCapacityThatNobodyTellsHasItsOwnOption) {
  host_.files.Remove("/sys/fs/cgroup/misc.capacity");
  host_.hypervisor.capabilities_xml =
      ReplaceIn(host_.hypervisor.capabilities_xml, "<maxGuests>410</maxGuests>", "");
  const v1::Check check = host_.Check(kSev, v1::CHECK_KIND_KEY_CAPACITY);
  EXPECT_EQ(check.result(), kUnknown);
  EXPECT_THAT(check.remedy(), HasSubstr("--sev_guest_limit"));
  host_.options.sev_guest_limit = 15;
  EXPECT_EQ(host_.Check(kSev, v1::CHECK_KIND_KEY_CAPACITY).result(), kPass);
  EXPECT_EQ(host_.Model(kSev).keys().usable().value(), 15u);
}

// tests/data/domcaps/sev-2019.xml: a libvirt that tells of SEV and of no number of guests.
TEST_F(SevChecksTest, ALibvirtOf2019WithoutAMiscCgroupLeavesTheKeysUnknownWithSevsOwnOption) {
  host_.files.Remove("/sys/fs/cgroup");
  host_.hypervisor.capabilities_xml = TestData("domcaps/sev-2019.xml");
  const v1::Check check = host_.Check(kSev, v1::CHECK_KIND_KEY_CAPACITY);
  EXPECT_EQ(check.result(), kUnknown);
  EXPECT_THAT(check.remedy(), HasSubstr("--sev_guest_limit"));
  EXPECT_EQ(host_.Check(kSev, v1::CHECK_KIND_DOMAIN_CAPABILITY).result(), kPass);
  EXPECT_EQ(host_.Model(kSev).verdict(), v1::SUPPORT_UNKNOWN);
  host_.options.sev_guest_limit = 15;
  EXPECT_EQ(host_.Model(kSev).verdict(), v1::SUPPORT_SUPPORTED);
}

}  // namespace
}  // namespace ccplace
