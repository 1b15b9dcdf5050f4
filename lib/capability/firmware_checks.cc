// Checks of firmware and of the service that signs quotes.
#include <algorithm>
#include <vector>

#include "absl/strings/str_cat.h"
#include "lib/base/text.h"
#include "lib/capability/checks.h"

namespace ccplace {
namespace {

constexpr absl::string_view kRereadRemedy = "wait a moment: ccplaced looks again by itself";
constexpr size_t kPathLimit = 4096;
constexpr size_t kWhyLimit = 512;
constexpr absl::string_view kFolders = "/etc/qemu/firmware, /usr/share/qemu/firmware";

// Full name of the machine type that guests get. Before libvirt resolved it, the alias stands for
// any version.
std::string MachineOf(const CheckInput& input) {
  if (input.hypervisor.ok() && input.hypervisor->domain_capabilities.ok() &&
      !input.hypervisor->domain_capabilities->machine.empty()) {
    return input.hypervisor->domain_capabilities->machine;
  }
  const std::string machine = ConfidentialMachineType(input.options.default_machine_type);
  return machine == "q35" ? "pc-q35-" : machine;
}

bool Fits(const FirmwareDescriptor& descriptor, const CheckInput& input,
          const std::string& machine) {
  if (!HasFeature(descriptor, input.model.firmware_feature)) return false;
  if (input.model.needs_memory_firmware && descriptor.device != "memory") return false;
  const std::vector<std::string>& interfaces = descriptor.interface_types;
  return std::find(interfaces.begin(), interfaces.end(), "uefi") != interfaces.end() &&
         IsForMachine(descriptor, "x86_64", machine);
}

// Descriptors that fit, by precedence.
std::vector<const FirmwareDescriptor*> Fitting(const CheckInput& input) {
  const std::string machine = MachineOf(input);
  std::vector<const FirmwareDescriptor*> fitting;
  for (const FirmwareDescriptor& descriptor : input.files.firmware.descriptors) {
    if (Fits(descriptor, input, machine)) fitting.push_back(&descriptor);
  }
  return fitting;
}

// The first problem that libvirt has too: it chooses no firmware at all while a descriptor is
// malformed or a link leads nowhere (src/qemu/qemu_firmware.c). Null: none.
const absl::Status* BlockingProblem(const FirmwareCatalog& catalog) {
  const auto blocks = [](const absl::Status& problem) {
    return absl::IsInvalidArgument(problem) || absl::IsNotFound(problem);
  };
  const auto it = std::find_if(catalog.problems.begin(), catalog.problems.end(), blocks);
  return it == catalog.problems.end() ? nullptr : &*it;
}

std::string InstallRemedy(const CheckInput& input) {
  return absl::StrCat(
      "install a guest firmware package (Debian: ovmf) with a descriptor for feature ",
      input.model.firmware_feature, input.model.needs_memory_firmware ? ", device memory" : "",
      ", machines pc-q35-*; in a container, check --host_root");
}

absl::string_view RemedyFor(const absl::Status& problem) {
  if (absl::IsUnknown(problem)) return kRereadRemedy;
  if (!absl::IsFailedPrecondition(problem)) return "repair or remove what cannot be read";
  return "let ccplaced see the host's own files: in a container, mount the host's /usr/share and "
         "name its root with --host_root";
}

Finding NoneFits(const CheckInput& input) {
  const FirmwareCatalog& catalog = input.files.firmware;
  if (!catalog.problems.empty()) {
    const absl::Status& problem = catalog.problems.front();
    return Unknown(problem.message(), kFolders, RemedyFor(problem));
  }
  return Fail(absl::StrCat("none of ", catalog.descriptors.size(), " descriptors offers ",
                           input.model.firmware_feature),
              kFolders, InstallRemedy(input));
}

}  // namespace

Finding CheckFirmware(const CheckInput& input) {
  const std::vector<const FirmwareDescriptor*> fitting = Fitting(input);
  if (fitting.empty()) return NoneFits(input);
  if (const absl::Status* problem = BlockingProblem(input.files.firmware)) {
    return Unknown(problem->message(), kFolders,
                   "repair or remove it: libvirt chooses no firmware while one descriptor is bad");
  }
  // libvirt takes the first that fits, whether its file is there or not.
  const FirmwareDescriptor& first = *fitting.front();
  if (first.file.ok()) return Pass(first.filename, first.path);
  const std::string found = absl::StrCat(first.filename, ": ", first.file.message());
  if (absl::IsNotFound(first.file) || absl::IsFailedPrecondition(first.file)) {
    return Fail(
        found, first.path,
        absl::StrCat("install the file that the descriptor names, or ", InstallRemedy(input)));
  }
  return Unknown(found, first.path, "let ccplaced look at the file");
}

v1::TdxFirmware TdxFirmwareOf(const CheckInput& input) {
  v1::TdxFirmware firmware;
  const std::vector<const FirmwareDescriptor*> fitting = Fitting(input);
  if (fitting.empty()) {
    firmware.set_unread("no firmware for trust domains was found");
    return firmware;
  }
  const FirmwareDescriptor& chosen = *fitting.front();
  firmware.set_path(Printable(chosen.filename, kPathLimit));
  firmware.set_source(Printable(chosen.path, kPathLimit));
  firmware.set_secure_boot(HasFeature(chosen, "secure-boot"));
  firmware.set_enrolled_keys(HasFeature(chosen, "enrolled-keys"));
  const FirmwareMeasurement measured = MeasurementOf(input.files.measurements, chosen.filename);
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
