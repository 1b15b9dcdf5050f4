// Which firmware guests get: libvirt's word, and what descriptors come to without it.
#include "absl/strings/match.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lib/capability/snapshot/build_snapshot.h"
#include "tests/unit/capability/host_under_test.h"

namespace ccplace {
namespace {

using ::testing::HasSubstr;

// As libvirt 12.8 answers on Debian, whose one TDX firmware has secure boot.
absl::StatusOr<std::string> DebiansFirmware(const std::string& xml) {
  if (absl::StrContains(xml, R"(enabled="no" name="secure-boot")")) {
    return absl::FailedPreconditionError("Unable to find 'efi' firmware that is compatible");
  }
  return "/usr/bin/qemu-system-x86_64 -bios /usr/share/ovmf/OVMF.inteltdx.ms.fd";
}

class FirmwareChecksTest : public ::testing::Test {
 protected:
  FirmwareChecksTest() { MakeTdxHost(host_); }
  v1::Check Check(v1::CheckKind kind) { return host_.Check(kTdx, kind); }
  v1::Support Verdict() { return host_.Model(kTdx).verdict(); }

  HostUnderTest host_;
};

TEST_F(FirmwareChecksTest, FirmwareIsFoundThroughItsDescriptor) {
  const v1::Check check = Check(v1::CHECK_KIND_FIRMWARE);
  EXPECT_EQ(check.found(), "/usr/share/ovmf/OVMF.inteltdx.ms.fd");
  EXPECT_EQ(check.source(),
            "by descriptors: /usr/share/qemu/firmware/60-edk2-x86_64-inteltdx.json");
}

TEST_F(FirmwareChecksTest, FirmwareIsLibvirtsChoiceWhateverDescriptorsSay) {
  host_.hypervisor.translate = [](const std::string&) {
    return absl::StatusOr<std::string>("qemu -bios /opt/ovmf/other.fd");
  };
  const v1::Check check = Check(v1::CHECK_KIND_FIRMWARE);
  EXPECT_EQ(check.result(), kPass);
  EXPECT_EQ(check.found(), "/opt/ovmf/other.fd");
  EXPECT_EQ(check.source(), "libvirt");
  EXPECT_EQ(host_.Read().capabilities.tdx_firmware().path(), "/opt/ovmf/other.fd");
}

TEST_F(FirmwareChecksTest, TheDescriptorOfLibvirtsChoiceIsNamedBesideIt) {
  host_.hypervisor.translate = DebiansFirmware;
  const v1::Check check = Check(v1::CHECK_KIND_FIRMWARE);
  EXPECT_EQ(check.result(), kPass);
  EXPECT_EQ(check.source(), "libvirt, from /usr/share/qemu/firmware/60-edk2-x86_64-inteltdx.json");
  const v1::TdxFirmware firmware = host_.Read().capabilities.tdx_firmware();
  EXPECT_TRUE(firmware.secure_boot());
  EXPECT_TRUE(firmware.enrolled_keys());
}

TEST_F(FirmwareChecksTest, NovaSeesSecureBootWhereFirmwareNeedsSmm) {
  const auto seen = [this] {
    return host_.Read().capabilities.models(0).firmware().nova_secure_boot();
  };
  EXPECT_EQ(seen(), v1::SUPPORT_SUPPORTED);
  const std::string whole = *host_.hypervisor.capabilities_xml;
  const size_t list = whole.find("<enum name='secure'>");
  ASSERT_NE(list, std::string::npos);
  host_.hypervisor.capabilities_xml = whole.substr(0, list) +
                                      "<enum name='secure'><value>no</value>" +
                                      whole.substr(whole.find("</enum>", list));
  EXPECT_EQ(seen(), v1::SUPPORT_UNSUPPORTED);
  host_.hypervisor.capabilities_xml = absl::UnavailableError("libvirtd does not answer");
  EXPECT_EQ(seen(), v1::SUPPORT_UNKNOWN);
}

TEST_F(FirmwareChecksTest, LibvirtsChoiceOfAFileThatIsGoneFails) {
  host_.hypervisor.translate = DebiansFirmware;
  host_.files.Remove("/usr/share/ovmf/OVMF.inteltdx.ms.fd");
  EXPECT_EQ(Check(v1::CHECK_KIND_FIRMWARE).result(), kFail);
}

TEST_F(FirmwareChecksTest, LibvirtsRefusalIsTheFindingInItsWords) {
  host_.hypervisor.translate = [](const std::string&) {
    return absl::StatusOr<std::string>(absl::FailedPreconditionError("libvirt: no 'efi' here"));
  };
  const v1::Check check = Check(v1::CHECK_KIND_FIRMWARE);
  EXPECT_EQ(check.result(), kFail);
  EXPECT_EQ(check.found(), "libvirt: no 'efi' here");
  EXPECT_EQ(check.source(), "libvirt");
  EXPECT_THAT(check.remedy(), HasSubstr("install a guest firmware package"));
}

TEST_F(FirmwareChecksTest, WhereLibvirtMayNotBeAskedDescriptorsDecide) {
  for (const auto& why : {absl::PermissionDeniedError("read only access"),
                          absl::UnimplementedError("no such call")}) {
    host_.hypervisor.translate = [&why](const std::string&) {
      return absl::StatusOr<std::string>(why);
    };
    const v1::Check check = Check(v1::CHECK_KIND_FIRMWARE);
    EXPECT_EQ(check.result(), kPass);
    EXPECT_THAT(check.source(), HasSubstr("by descriptors"));
  }
}

TEST_F(FirmwareChecksTest, LibvirtIsAskedAgainOnlyWhenSomethingChanged) {
  host_.hypervisor.translate = DebiansFirmware;
  host_.Read();
  EXPECT_EQ(host_.hypervisor.questions.size(), 3u);  // Secure boot unstated, off, on.
  const auto asks = [this] {
    host_.hypervisor.questions.clear();
    host_.Read();
    return !host_.hypervisor.questions.empty();
  };
  EXPECT_FALSE(asks());
  host_.hypervisor.versions->connection = 2;
  EXPECT_TRUE(asks());
  host_.files.WriteFile("/etc/qemu/firmware/60-edk2-x86_64-inteltdx.json", "");
  EXPECT_TRUE(asks());
  host_.files.WriteFile("/etc/qemu/firmware/10-bad.json", "{");
  EXPECT_TRUE(asks());
  host_.hypervisor.capabilities_xml->append("\n");
  EXPECT_TRUE(asks());
  host_.cache.firmware().AskAnew();
  EXPECT_TRUE(asks());
  EXPECT_FALSE(asks());
}

// libvirt may have answered in between.
TEST_F(FirmwareChecksTest, LibvirtIsAskedAgainWhereDescriptorsAreBackAsTheyWere) {
  const std::string path = "/usr/share/qemu/firmware/60-edk2-x86_64-inteltdx.json";
  host_.hypervisor.translate = [this, path](const std::string& xml) {
    if (absl::IsNotFound(host_.files.Kind(path).status())) {
      return absl::StatusOr<std::string>(absl::FailedPreconditionError("libvirt: no 'efi' here"));
    }
    return DebiansFirmware(xml);
  };
  const HostFileFacts seen_before = ReadHostFileFacts(host_.files, host_.fact_options);
  host_.cache.firmware().NoteDescriptors(seen_before.firmware);
  const std::string content = *host_.files.ReadFile(path, 65536);
  host_.files.Remove(path);
  const auto meanwhile = ReadHypervisorFacts(host_.hypervisor, host_.fact_options, host_.cache);
  EXPECT_FALSE(meanwhile->firmware.at(kTdx).unstated.ok());
  host_.files.WriteFile(path, content);
  EXPECT_EQ(Check(v1::CHECK_KIND_FIRMWARE).result(), kPass);
}

TEST_F(FirmwareChecksTest, LibvirtIsAskedAgainWhereADescriptorChangedThatIsNotUnderstoodHere) {
  host_.hypervisor.translate = DebiansFirmware;
  const std::string path = "/etc/qemu/firmware/10-other.json";
  for (const std::string& filler : {std::string("{\"no\": "), std::string(100000, ' ')}) {
    host_.files.WriteFile(path, filler + "1");
    host_.Read();
    host_.hypervisor.questions.clear();
    host_.files.WriteFile(path, filler + "2");
    host_.Read();
    EXPECT_EQ(host_.hypervisor.questions.size(), 3u);
  }
}

TEST_F(FirmwareChecksTest, ALibvirtThatFallsSilentOverAQuestionIsNoReading) {
  host_.hypervisor.translate = [](const std::string&) {
    return absl::StatusOr<std::string>(absl::UnavailableError("gone"));
  };
  EXPECT_TRUE(absl::IsUnavailable(
      ReadHypervisorFacts(host_.hypervisor, host_.fact_options, host_.cache).status()));
  host_.hypervisor.translate = DebiansFirmware;
  EXPECT_THAT(Check(v1::CHECK_KIND_FIRMWARE).source(), HasSubstr("libvirt, from"));
}

TEST_F(FirmwareChecksTest, ALibvirtThatRanOutOfFilesOverAQuestionIsNoReading) {
  host_.hypervisor.translate = [](const std::string&) {
    return absl::StatusOr<std::string>(absl::ResourceExhaustedError("Too many open files"));
  };
  EXPECT_TRUE(absl::IsResourceExhausted(
      ReadHypervisorFacts(host_.hypervisor, host_.fact_options, host_.cache).status()));
  host_.hypervisor.translate = DebiansFirmware;
  EXPECT_THAT(Check(v1::CHECK_KIND_FIRMWARE).source(), HasSubstr("libvirt, from"));
}

// tests/data/domcaps/loader-lacks-tdx.xml: libvirt names loaders, and the descriptor's is none.
TEST_F(FirmwareChecksTest, FirmwareThatLibvirtDoesNotNameAmongItsLoadersIsNotThere) {
  host_.hypervisor.capabilities_xml = TestData("domcaps/loader-lacks-tdx.xml");
  const v1::Check unasked = Check(v1::CHECK_KIND_FIRMWARE);
  EXPECT_EQ(unasked.result(), kFail);
  EXPECT_THAT(unasked.found(), HasSubstr("/usr/share/ovmf/OVMF.inteltdx.ms.fd is not among"));
  EXPECT_THAT(unasked.source(), HasSubstr("by descriptors"));
  EXPECT_EQ(Verdict(), v1::SUPPORT_UNSUPPORTED);
  host_.hypervisor.translate = [](const std::string&) {
    return absl::StatusOr<std::string>(absl::FailedPreconditionError("libvirt: no 'efi' here"));
  };
  host_.cache.firmware().AskAnew();
  EXPECT_EQ(Check(v1::CHECK_KIND_FIRMWARE).result(), kFail);
  host_.hypervisor.translate = DebiansFirmware;  // Its own choice needs no list.
  host_.cache.firmware().AskAnew();
  EXPECT_EQ(Check(v1::CHECK_KIND_FIRMWARE).result(), kPass);
}

TEST_F(FirmwareChecksTest, AReadOnlyLibvirtTellsWhichVersionQ35StandsFor) {
  const std::string good = TestData("firmware/60-edk2-x86_64-inteltdx.json");
  const std::string path = "/usr/share/qemu/firmware/60-edk2-x86_64-inteltdx.json";
  host_.hypervisor.capabilities_xml = absl::PermissionDeniedError("read only access");
  host_.hypervisor.host_xml = TestData("domcaps/libvirt-12.8-capabilities.xml");
  const auto result_for = [&](absl::string_view pattern) {
    host_.files.WriteFile(path, ReplaceIn(good, "pc-q35-*", pattern));
    return Check(v1::CHECK_KIND_FIRMWARE).result();
  };
  EXPECT_EQ(result_for("pc-q35-??.?"), kPass);
  EXPECT_EQ(result_for("pc-q35-11.1"), kPass);
  EXPECT_EQ(result_for("pc-q35-?.?"), kFail);
  EXPECT_EQ(result_for("pc-i440fx-*"), kFail);
  host_.hypervisor.host_xml = absl::InternalError("no");
  EXPECT_EQ(result_for("pc-q35-*"), kPass);
  EXPECT_EQ(result_for("pc-q35-??.?"), kUnknown);
  EXPECT_EQ(result_for("pc-i440fx-*"), kFail);
}

TEST_F(FirmwareChecksTest, AnotherQemuMayGiveQ35AnotherVersion) {
  host_.hypervisor.versions->connection = 1;
  host_.hypervisor.capabilities_xml = absl::PermissionDeniedError("read only access");
  host_.hypervisor.host_xml = TestData("domcaps/libvirt-12.8-capabilities.xml");
  host_.files.WriteFile(
      "/usr/share/qemu/firmware/60-edk2-x86_64-inteltdx.json",
      ReplaceIn(TestData("firmware/60-edk2-x86_64-inteltdx.json"), "pc-q35-*", "pc-q35-11.1"));
  EXPECT_EQ(Check(v1::CHECK_KIND_FIRMWARE).result(), kPass);
  host_.hypervisor.host_xml =
      ReplaceIn(host_.hypervisor.host_xml, "canonical='pc-q35-11.1'", "canonical='pc-q35-11.2'");
  host_.hypervisor.versions->hypervisor = "11.2.0";
  EXPECT_EQ(Check(v1::CHECK_KIND_FIRMWARE).result(), kFail);
}

TEST_F(FirmwareChecksTest, ADescriptorOfFlashOrForSmmIsPassedOver) {
  const std::string good = TestData("firmware/60-edk2-x86_64-inteltdx.json");
  host_.files.WriteFile("/etc/qemu/firmware/10-smm.json",
                        ReplaceIn(good, "\"intel-tdx\"", "\"intel-tdx\", \"requires-smm\""));
  host_.files.WriteFile("/etc/qemu/firmware/20-range.json",
                        ReplaceIn(good, "pc-q35-*", "pc-q35-[1-9]*"));
  EXPECT_THAT(Check(v1::CHECK_KIND_FIRMWARE).source(),
              HasSubstr("/usr/share/qemu/firmware/60-edk2-x86_64-inteltdx.json"));
}

TEST_F(FirmwareChecksTest, AMaskedDescriptorMeansNoFirmware) {
  host_.files.WriteFile("/etc/qemu/firmware/60-edk2-x86_64-inteltdx.json", "");
  const v1::Check check = Check(v1::CHECK_KIND_FIRMWARE);
  EXPECT_EQ(check.result(), kFail);
  EXPECT_EQ(check.found(), "none of 4 descriptors offers intel-tdx");
  EXPECT_THAT(check.remedy(), HasSubstr("install a guest firmware package"));
}

TEST_F(FirmwareChecksTest, ADescriptorWithoutItsFirmwareFails) {
  host_.files.Remove("/usr/share/ovmf/OVMF.inteltdx.ms.fd");
  EXPECT_EQ(Check(v1::CHECK_KIND_FIRMWARE).result(), kFail);
  EXPECT_THAT(Check(v1::CHECK_KIND_FIRMWARE).found(), HasSubstr("No such file"));
}

TEST_F(FirmwareChecksTest, FirmwareThatQemusUserMayNotReadFails) {
  const std::string path = "/usr/share/ovmf/OVMF.inteltdx.ms.fd";
  const auto result_with = [&](const FileAccess& access) {
    host_.files.SetAccess(path, access);
    return Check(v1::CHECK_KIND_FIRMWARE).result();
  };
  EXPECT_EQ(result_with({0, 0, 0600, false}), kFail);
  EXPECT_THAT(Check(v1::CHECK_KIND_FIRMWARE).found(), HasSubstr("libvirt-qemu may not read it"));
  EXPECT_EQ(Check(v1::CHECK_KIND_FIRMWARE).remedy(), "chmod a+r " + path);
  EXPECT_EQ(result_with({0, 64055, 0640, false}), kPass);
  EXPECT_EQ(result_with({0, 0, 0600, true}), kPass);  // A list may let it.
  host_.files.WriteFile("/etc/passwd", "root:x:0:0::/root:/bin/sh\n");
  EXPECT_EQ(result_with({0, 980, 0640, false}), kPass);  // Its groups are not known.
  EXPECT_EQ(result_with({0, 980, 0600, false}), kFail);
  host_.hypervisor.host_xml = ReplaceIn(host_.hypervisor.host_xml, "+64055:+64055", "+0:+0");
  EXPECT_EQ(result_with({7, 7, 0, false}), kPass);  // QEMU is root's.
}

// As of an operator's own build; tests/lab/qemu_user_test.py sees QEMU refuse it.
TEST_F(FirmwareChecksTest, FirmwareInAFolderThatQemusUserMayNotGoThroughFails) {
  host_.files.SetAccess("/usr/share/ovmf", {1000, 1000, 0700, false});
  const v1::Check check = Check(v1::CHECK_KIND_FIRMWARE);
  EXPECT_EQ(check.result(), kFail);
  EXPECT_THAT(check.found(),
              HasSubstr("libvirt-qemu may not go through /usr/share/ovmf: mode 0700"));
  EXPECT_THAT(check.remedy(), HasSubstr("/usr/local/share"));
  host_.files.SetAccess("/usr/share/ovmf", {1000, 1000, 0711, false});
  EXPECT_EQ(Check(v1::CHECK_KIND_FIRMWARE).result(), kPass);
  host_.files.SetAccess("/usr/share/ovmf", {1000, 1000, 0700, true});  // A list may let it.
  EXPECT_EQ(Check(v1::CHECK_KIND_FIRMWARE).result(), kPass);
}

TEST_F(FirmwareChecksTest, AFileWithoutTdxMetadataIsNoFirmwareForTrustDomains) {
  HostFileFacts files = ReadHostFileFacts(host_.files, host_.fact_options);
  size_t bytes = size_t{4} << 20;
  const auto check_with = [&](const absl::StatusOr<std::string>& mrtd) {
    files.measurements["/usr/share/ovmf/OVMF.inteltdx.ms.fd"] = {std::string(48, 'x'), mrtd, bytes};
    const auto hypervisor = ReadHypervisorFacts(host_.hypervisor, host_.fact_options, host_.cache);
    const Snapshot snapshot = BuildSnapshot(files, hypervisor, host_.options);
    for (const v1::Check& check : ModelOf(snapshot, kTdx).checks()) {
      if (check.kind() == v1::CHECK_KIND_FIRMWARE) return check;
    }
    return v1::Check();
  };
  EXPECT_EQ(check_with(std::string(48, 'y')).result(), kPass);
  const v1::Check none = check_with(absl::FailedPreconditionError("not a TDVF: no metadata"));
  EXPECT_EQ(none.result(), kFail);
  EXPECT_THAT(none.found(), HasSubstr("not a TDVF: no metadata"));
  // What else may be wrong with it is for QEMU to say.
  EXPECT_EQ(check_with(absl::InvalidArgumentError("section 3: ...")).result(), kPass);
  EXPECT_EQ(check_with(absl::UnknownError("not measured yet")).result(), kPass);
  bytes = 3653632;  // Debian's OVMF_CODE_4M.fd, which has the metadata and is for flash.
  EXPECT_EQ(check_with(std::string(48, 'y')).result(), kFail);
}

TEST_F(FirmwareChecksTest, FirmwareMustBeForMemoryAndForTheMachine) {
  const std::string good = TestData("firmware/60-edk2-x86_64-inteltdx.json");
  const std::string path = "/usr/share/qemu/firmware/60-edk2-x86_64-inteltdx.json";
  host_.files.WriteFile(path, ReplaceIn(good, "\"memory\"", "\"kernel\""));
  EXPECT_EQ(Check(v1::CHECK_KIND_FIRMWARE).result(), kFail);
  host_.files.WriteFile(path, ReplaceIn(good, "pc-q35-*", "pc-q35-9.*"));
  EXPECT_EQ(Check(v1::CHECK_KIND_FIRMWARE).result(), kFail);
  host_.files.WriteFile(path, ReplaceIn(good, "pc-q35-*", "pc-q35-11.*"));
  EXPECT_EQ(Check(v1::CHECK_KIND_FIRMWARE).result(), kPass);
  host_.files.WriteFile(path, ReplaceIn(good, "x86_64", "aarch64"));
  EXPECT_EQ(Check(v1::CHECK_KIND_FIRMWARE).result(), kFail);
}

TEST_F(FirmwareChecksTest, FirmwareIsFoundBeforeLibvirtNamesTheMachine) {
  host_.hypervisor.versions = absl::UnavailableError("no");
  EXPECT_EQ(Check(v1::CHECK_KIND_FIRMWARE).result(), kPass);
}

TEST_F(FirmwareChecksTest, ABadDescriptorHidesNoOtherAsInLibvirt) {
  host_.files.WriteFile("/etc/qemu/firmware/10-local.json", "{");
  EXPECT_EQ(Check(v1::CHECK_KIND_FIRMWARE).result(), kPass);
  host_.files.Remove("/usr/share/qemu/firmware/60-edk2-x86_64-inteltdx.json");
  EXPECT_EQ(Check(v1::CHECK_KIND_FIRMWARE).result(), kFail);
}

TEST_F(FirmwareChecksTest, ADescriptorThatComesCloseIsToldAsWhatItIs) {
  const std::string good = TestData("firmware/60-edk2-x86_64-inteltdx.json");
  const std::string path = "/usr/share/qemu/firmware/60-edk2-x86_64-inteltdx.json";
  const auto found = [this] { return Check(v1::CHECK_KIND_FIRMWARE).found(); };
  host_.files.WriteFile(
      path, ReplaceIn(good, "\"device\": \"memory\",",
                      R"("device": "flash", "executable": {"filename": "/x", "format": "raw"},)"));
  EXPECT_EQ(found(), path + " offers intel-tdx in flash, and it needs memory");
  host_.files.WriteFile(path, ReplaceIn(good, "pc-q35-*", "virt-*"));
  EXPECT_THAT(found(), HasSubstr("for other machines"));
  host_.files.WriteFile(path, ReplaceIn(good, "x86_64", "no-such-architecture"));
  EXPECT_THAT(found(), HasSubstr("none of 4 descriptors offers intel-tdx; passed over: '" + path));
  host_.hypervisor.translate = [](const std::string&) {
    return absl::StatusOr<std::string>(absl::FailedPreconditionError("libvirt: no"));
  };
  host_.cache.firmware().AskAnew();
  EXPECT_THAT(found(), HasSubstr("libvirt: no; none of 4"));
}

TEST_F(FirmwareChecksTest, RemediesNameTheDistributionsPackage) {
  host_.files.Remove("/usr/share/qemu/firmware");
  const auto remedy = [this](const std::string& id) {
    host_.files.WriteFile("/etc/os-release", "ID=" + id + "\n");
    return Check(v1::CHECK_KIND_FIRMWARE).remedy();
  };
  EXPECT_THAT(remedy("debian"), HasSubstr("ovmf-inteltdx"));
  EXPECT_THAT(remedy("fedora"), HasSubstr("edk2-ovmf"));
  EXPECT_THAT(remedy("opensuse-leap"), HasSubstr("qemu-ovmf-x86_64"));
  EXPECT_THAT(remedy("other"), HasSubstr("install a guest firmware package"));
  EXPECT_THAT(remedy("other"), HasSubstr("/etc/qemu/firmware"));
}

TEST_F(FirmwareChecksTest, BadDescriptorsAreNamedInAWarning) {
  const auto warning = [this] { return Check(v1::CHECK_KIND_FIRMWARE_DESCRIPTORS); };
  EXPECT_EQ(warning().result(), kPass);
  host_.files.WriteFile("/etc/qemu/firmware/README", "Put descriptors here.");
  host_.files.WriteFile("/usr/share/qemu/firmware/10-local.json", "{");
  EXPECT_EQ(warning().result(), kFail);
  EXPECT_FALSE(warning().gate());
  EXPECT_THAT(warning().found(), HasSubstr("/usr/share/qemu/firmware/10-local.json"));
  EXPECT_THAT(warning().found(), HasSubstr("/etc/qemu/firmware/README"));
  EXPECT_EQ(Verdict(), v1::SUPPORT_SUPPORTED);
  for (int i = 0; i < 20; ++i) {
    host_.files.WriteFile("/etc/qemu/firmware/20-bad-" + std::to_string(i), "[");
  }
  EXPECT_THAT(warning().found(), ::testing::EndsWith(" more"));
  EXPECT_LT(warning().found().size(), 512u);
}

TEST_F(FirmwareChecksTest, ALinkThatLeadsNowhereMakesFirmwareUnknownAsLibvirtThenChoosesNone) {
  host_.files.MakeLink("/etc/qemu/firmware/10-local.json", "/nowhere");
  const v1::Check check = Check(v1::CHECK_KIND_FIRMWARE);
  EXPECT_EQ(check.result(), kUnknown);
  EXPECT_THAT(check.found(), HasSubstr("/etc/qemu/firmware/10-local.json"));
}

TEST_F(FirmwareChecksTest, ADescriptorThatOnlyThisServiceCannotReadHidesNoOther) {
  host_.files.WriteFile("/etc/qemu/firmware/10-local.json", "{}");
  host_.files.FailAt("/etc/qemu/firmware/10-local.json", absl::PermissionDeniedError("no"));
  EXPECT_EQ(Check(v1::CHECK_KIND_FIRMWARE).result(), kPass);
  host_.files.Remove("/usr/share/qemu/firmware/60-edk2-x86_64-inteltdx.json");
  EXPECT_EQ(Check(v1::CHECK_KIND_FIRMWARE).result(), kUnknown);
}

TEST_F(FirmwareChecksTest, FirmwareIsUnknownInAContainerThatDoesNotSeeTheHosts) {
  host_.files.Remove("/usr/share");
  host_.files.Remove("/etc/qemu");
  const v1::Check check = Check(v1::CHECK_KIND_FIRMWARE);
  EXPECT_EQ(check.result(), kUnknown);
  EXPECT_THAT(check.found(), HasSubstr("'/usr/share' is not there"));
  EXPECT_THAT(check.remedy(), HasSubstr("--host_root"));
  host_.files.MakeDirectory("/usr/share");
  EXPECT_EQ(Check(v1::CHECK_KIND_FIRMWARE).result(), kFail);
}

TEST_F(FirmwareChecksTest, AHostileDescriptorsNameIsMadePrintable) {
  const std::string name = "60-edk2-x86_64-inteltdx.json";
  host_.files.Remove("/usr/share/qemu/firmware/" + name);
  host_.files.WriteFile("/usr/share/qemu/firmware/60-\xff\n.json", TestData("firmware/" + name));
  const std::string source = Check(v1::CHECK_KIND_FIRMWARE).source();
  EXPECT_THAT(source, HasSubstr("60-\\xff\\x0a.json"));
}

}  // namespace
}  // namespace ccplace
