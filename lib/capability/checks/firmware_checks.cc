// Checks of firmware and of the service that signs quotes.
#include <algorithm>
#include <optional>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "lib/base/text.h"
#include "lib/capability/checks/checks.h"
#include "lib/capability/checks/firmware_choice.h"
#include "lib/capability/facts/qemu_access.h"

namespace ccplace {
namespace {

constexpr absl::string_view kRereadRemedy = "wait a moment: ccplaced looks again by itself";
constexpr size_t kPathLimit = 4096;
constexpr size_t kWhyLimit = 512;
constexpr absl::string_view kLibvirt = "libvirt";
constexpr absl::string_view kFolders = "/etc/qemu/firmware, /usr/share/qemu/firmware";

// Debian and Ubuntu have a package for each kind of firmware.
absl::string_view DebiansPackage(v1::EncryptionModel model) {
  return model == v1::ENCRYPTION_MODEL_INTEL_TDX     ? "ovmf-inteltdx (before Debian 14: ovmf)"
         : model == v1::ENCRYPTION_MODEL_AMD_SEV_SNP ? "ovmf-amdsev (before Debian 14: ovmf)"
                                                     : "ovmf";
}

std::string PackageOf(const CheckInput& input) {
  switch (input.files.distribution) {
    case Distribution::kDebian:
      return absl::StrCat("the package ", DebiansPackage(input.model.model));
    case Distribution::kFedora:
      return "the package edk2-ovmf";
    case Distribution::kSuse:
      return "the package qemu-ovmf-x86_64";
    case Distribution::kOther:
      break;
  }
  return "a guest firmware package";
}

std::string InstallRemedy(const CheckInput& input) {
  return absl::StrCat("install ", PackageOf(input),
                      ", or put a descriptor of your own into /etc/qemu/firmware: feature ",
                      input.model.firmware_feature,
                      input.model.needs_memory_firmware ? ", device memory" : "",
                      ", machines pc-q35-*; in a container, check --host_root");
}

absl::string_view RemedyFor(const absl::Status& problem) {
  if (absl::IsUnknown(problem)) return kRereadRemedy;
  if (!absl::IsFailedPrecondition(problem)) return "repair or remove what cannot be read";
  return "let ccplaced see the host's own files: in a container, mount the host's /usr/share and "
         "name its root with --host_root";
}

// Why there is none, by descriptors.
Finding NoneOffered(const absl::Status& why, const CheckInput& input) {
  const std::string source = absl::StrCat("by descriptors: ", kFolders);
  if (absl::IsNotFound(why)) return Fail(why.message(), source, InstallRemedy(input));
  return Unknown(why.message(), source, RemedyFor(why));
}

std::string SourceOf(const FirmwareChoice& choice) {
  const std::string path = choice.descriptor == nullptr ? "" : choice.descriptor->path;
  if (!choice.of_libvirt) return absl::StrCat("by descriptors: ", path);
  return path.empty() ? std::string(kLibvirt) : absl::StrCat(kLibvirt, ", from ", path);
}

// libvirt names the files that its descriptors lead to, those that are not there left out. Its own
// choice needs no such proof.
bool IsUnseenByLibvirt(const FirmwareChoice& choice, const CheckInput& input) {
  const DomainCapabilities* capabilities = CapabilitiesOf(input);
  if (choice.of_libvirt || !choice.descriptor->file.ok() || capabilities == nullptr) return false;
  if (capabilities->loaders.empty()) return false;
  const std::vector<std::string>& loaders = capabilities->loaders;
  return std::find(loaders.begin(), loaders.end(), *choice.path) == loaders.end();
}

// Why no trust domain starts with such a file; empty: nothing says so. QEMU looks for the same
// metadata (hw/i386/tdvf.c), and loads firmware into memory in whole pieces of 64 KiB
// (hw/i386/x86-common.c); what else may be wrong is for QEMU to judge.
std::string WhyNoTdxFirmware(const FirmwareChoice& choice, const CheckInput& input) {
  constexpr size_t kPieceBytes = size_t{64} * 1024;
  if (input.model.model != v1::ENCRYPTION_MODEL_INTEL_TDX) return "";
  if (choice.descriptor == nullptr) return "";  // In another container it may be another file.
  const FirmwareMeasurement measured = MeasurementOf(input.files.measurements, *choice.path);
  if (!measured.sha384.ok()) return "";
  if (absl::IsFailedPrecondition(measured.mrtd.status())) {
    return std::string(measured.mrtd.status().message());
  }
  if (measured.bytes % kPieceBytes == 0) return "";
  return absl::StrCat("it has ", measured.bytes, " bytes, and QEMU takes pieces of ", kPieceBytes);
}

// Whether owner, group and mode say that QEMU's user may not do `wanted`.
bool IsRefused(const QemuAccess& qemu, uint32_t wanted, const FileAccess& file) {
  const bool may_be_in_group = !qemu.HasKnownGroups() && (file.mode & (wanted << 3)) != 0;
  return !file.has_acl && !may_be_in_group && !qemu.May(wanted, file);
}

// Where QEMU's user is kept from the file, by owner, group and mode.
std::optional<Finding> Unreadable(const FirmwareChoice& choice, const CheckInput& input,
                                  const std::string& source) {
  constexpr uint32_t kMayRead = 4;    // A file ...
  constexpr uint32_t kMaySearch = 1;  // ... and to go through a folder (path_resolution(7)).
  const absl::StatusOr<HostAccounts>& accounts = input.files.quote_socket.accounts;
  if (choice.descriptor == nullptr || !choice.descriptor->steps.ok() || !accounts.ok()) return {};
  if (!input.hypervisor.ok() || !input.hypervisor->qemu_user.ok()) return {};
  const QemuAccess qemu(*input.hypervisor->qemu_user, *accounts);
  const std::vector<AccessStep>& steps = *choice.descriptor->steps;
  for (const AccessStep& step : steps) {
    const bool is_file = &step == &steps.back();
    const FileAccess& access = step.access;
    if (!IsRefused(qemu, is_file ? kMayRead : kMaySearch, access)) continue;
    const std::string path = Printable(step.path, kPathLimit);
    return Fail(
        absl::StrCat(*choice.path, ": QEMU's user ", qemu.Name(), " may not ",
                     is_file ? "read it" : absl::StrCat("go through ", path),
                     absl::StrFormat(": mode %04o, owner %d, group %s", access.mode, access.uid,
                                     qemu.GroupName(access.gid))),
        source,
        is_file
            ? absl::StrCat("chmod a+r ", Printable(*choice.path, kPathLimit))
            : absl::StrCat("put the firmware below a folder that everybody may go through, as "
                           "/usr/local/share, and name it there in the descriptor; or chmod a+x ",
                           path));
  }
  return std::nullopt;
}

// libvirt chooses flash for SEV-SNP as well, where its descriptor comes first.
bool IsFlashForPrivateMemory(const FirmwareChoice& choice, const CheckInput& input) {
  return input.model.needs_memory_firmware && choice.descriptor != nullptr &&
         choice.descriptor->device == "flash";
}

// What keeps a guest from starting with a file that libvirt chooses all the same.
std::optional<Finding> Unstartable(const FirmwareChoice& choice, const CheckInput& input,
                                   const std::string& source) {
  if (IsFlashForPrivateMemory(choice, input)) {
    return Fail(absl::StrCat(*choice.path,
                             " is for flash, which KVM maps read-only, and private "
                             "memory cannot be"),
                source,
                "have a descriptor with device memory come first: by its name, in "
                "/etc/qemu/firmware");
  }
  const std::string none = WhyNoTdxFirmware(choice, input);
  if (!none.empty()) {
    return Fail(absl::StrCat(*choice.path, ": ", none), source,
                absl::StrCat("take the feature intel-tdx out of the descriptor, or ",
                             InstallRemedy(input)));
  }
  return Unreadable(choice, input, source);
}

// libvirt takes a descriptor's file whether it is there or not, and the start then fails. A file
// that no descriptor in sight offers is libvirt's own to see: it runs in another container.
Finding Chosen(const FirmwareChoice& choice, const CheckInput& input) {
  const std::string source = SourceOf(choice);
  if (IsUnseenByLibvirt(choice, input)) {
    return Fail(absl::StrCat(*choice.path, " is not among the loaders that libvirt names"),
                absl::StrCat(source, "; libvirt domain capabilities <os><loader>"),
                "let libvirt see the firmware and its descriptor (it may run in a container of its "
                "own), then restart it, so that it looks anew");
  }
  if (choice.descriptor == nullptr || choice.descriptor->file.ok()) {
    return Unstartable(choice, input, source).value_or(Pass(*choice.path, source));
  }
  const absl::Status& file = choice.descriptor->file;
  const std::string found = absl::StrCat(*choice.path, ": ", file.message());
  if (absl::IsNotFound(file) || absl::IsFailedPrecondition(file)) {
    return Fail(
        found, source,
        absl::StrCat("install the file that the descriptor names, or ", InstallRemedy(input)));
  }
  return Unknown(found, source, "let ccplaced look at the file");
}

// Beside libvirt's words, which say only that there is none.
std::string WhatDescriptorsSay(const CheckInput& input) {
  const absl::Status why = WhyNoneFits(input);
  return absl::IsNotFound(why) ? absl::StrCat("; ", why.message()) : "";
}

// Every problem, as far as a finding has room; then how many more there are.
std::string AllOf(const std::vector<absl::Status>& problems) {
  constexpr size_t kRoomBytes = 480;
  std::string all(problems.front().message());
  for (size_t i = 1; i < problems.size(); ++i) {
    const std::string next = absl::StrCat("; ", problems[i].message());
    if (all.size() + next.size() > kRoomBytes) {
      return absl::StrCat(all, "; ", problems.size() - i, " more");
    }
    all += next;
  }
  return all;
}

v1::Support SupportOf(const FirmwareChoice& choice) {
  if (choice.path.ok()) return v1::SUPPORT_SUPPORTED;
  const bool is_no = choice.of_libvirt || absl::IsNotFound(choice.path.status());
  return is_no ? v1::SUPPORT_UNSUPPORTED : v1::SUPPORT_UNKNOWN;
}

// A libvirt that lists nothing makes nova take it for no.
v1::Support NovaSecureBoot(const CheckInput& input) {
  const DomainCapabilities* capabilities = CapabilitiesOf(input);
  if (capabilities == nullptr) return v1::SUPPORT_UNKNOWN;
  return capabilities->secure_loader == Offer::kYes ? v1::SUPPORT_SUPPORTED
                                                    : v1::SUPPORT_UNSUPPORTED;
}

}  // namespace

Finding CheckFirmware(const CheckInput& input) {
  const FirmwareChoice choice = ChooseFirmware(input, SecureBoot::kUnstated);
  if (choice.path.ok()) return Chosen(choice, input);
  if (choice.of_libvirt) {
    return Fail(absl::StrCat(choice.path.status().message(), WhatDescriptorsSay(input)), kLibvirt,
                InstallRemedy(input));
  }
  return NoneOffered(choice.path.status(), input);
}

Finding CheckFirmwareDescriptors(const CheckInput& input) {
  const FirmwareCatalog& catalog = input.files.firmware;
  if (catalog.problems.empty()) {
    return Pass(absl::StrCat(catalog.descriptors.size(), " read, all well-formed"), kFolders);
  }
  const absl::Status& first = catalog.problems.front();
  const std::string found = AllOf(catalog.problems);
  if (absl::IsInvalidArgument(first) || absl::IsNotFound(first)) {
    return Fail(found, kFolders, "repair or remove it: libvirt takes no firmware from it");
  }
  return Unknown(found, kFolders, RemedyFor(first));
}

v1::GuestFirmware GuestFirmwareOf(const CheckInput& input) {
  v1::GuestFirmware firmware;
  const FirmwareChoice choice = ChooseFirmware(input, SecureBoot::kUnstated);
  const FirmwareChoice secure = ChooseFirmware(input, SecureBoot::kOn);
  firmware.set_without_secure_boot(SupportOf(ChooseFirmware(input, SecureBoot::kOff)));
  firmware.set_with_secure_boot(SupportOf(secure));
  firmware.set_nova_secure_boot(NovaSecureBoot(input));
  if (!choice.path.ok()) return firmware;
  firmware.set_path(Printable(*choice.path, kPathLimit));
  firmware.set_source(Printable(SourceOf(choice), kPathLimit));
  firmware.set_secure_boot(secure.path.ok() && *secure.path == *choice.path);
  firmware.set_enrolled_keys(choice.descriptor != nullptr &&
                             HasFeature(*choice.descriptor, "enrolled-keys"));
  return firmware;
}

v1::TdxFirmware TdxFirmwareOf(const v1::GuestFirmware& guest,
                              const FirmwareMeasurements& measurements) {
  v1::TdxFirmware firmware;
  if (guest.path().empty()) {
    firmware.set_unread("no firmware for trust domains was found");
    return firmware;
  }
  firmware.set_path(guest.path());
  firmware.set_source(guest.source());
  firmware.set_secure_boot(guest.secure_boot());
  firmware.set_enrolled_keys(guest.enrolled_keys());
  const FirmwareMeasurement measured = MeasurementOf(measurements, guest.path());
  firmware.set_sha384(measured.sha384.value_or(""));
  firmware.set_mrtd(measured.mrtd.value_or(""));
  firmware.set_unread(Printable(measured.mrtd.status().message(), kWhyLimit));
  return firmware;
}

Finding CheckQuoteGenerationService(const CheckInput& input) {
  const std::string& path = input.options.quote_service_path;
  const absl::Status& status = input.files.quote_service;
  if (status.ok()) return Pass("it takes connections", path);
  if (absl::IsPermissionDenied(status)) {
    return Unknown(status.message(), path,
                   "let ccplaced and QEMU's user connect to the socket (group and mode of the "
                   "socket and its folder)");
  }
  // Anything else says nothing of the service: ccplaced out of descriptors, its callers too many.
  if (!absl::IsNotFound(status) && !absl::IsFailedPrecondition(status)) {
    return Unknown(status.message(), path, kRereadRemedy);
  }
  return Fail(status.message(), path,
              "start the Quote Generation Service (systemctl start qgsd), or name its socket with "
              "--quote_service_path; guests boot without it but cannot be attested");
}

}  // namespace ccplace
