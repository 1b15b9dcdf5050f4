#include "lib/capability/checks/firmware_choice.h"

#include <algorithm>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "lib/base/machine_type.h"
#include "lib/base/text.h"

namespace ccplace {
namespace {

constexpr absl::string_view kEnrolledKeys = "enrolled-keys";
constexpr absl::string_view kSecureBootFeature = "secure-boot";

constexpr absl::string_view kAnyQ35 = "pc-q35-";

// Full name of the machine type that guests get. kAnyQ35: libvirt did not tell what q35 stands for.
std::string MachineOf(const CheckInput& input) {
  const DomainCapabilities* capabilities = CapabilitiesOf(input);
  if (capabilities != nullptr && !capabilities->machine.empty()) return capabilities->machine;
  const std::string machine = ConfidentialMachineType(input.options.default_machine_type);
  if (input.hypervisor.ok()) {
    const auto alias = input.hypervisor->machine_aliases.find(machine);
    if (alias != input.hypervisor->machine_aliases.end()) return alias->second;
  }
  return machine == "q35" ? std::string(kAnyQ35) : machine;
}

// Whether a descriptor can be for some version of q35 though not for kAnyQ35 as it stands.
bool MayBeForSomeQ35(const FirmwareDescriptor& descriptor) {
  for (const FirmwareTarget& target : descriptor.targets) {
    if (target.architecture != "x86_64") continue;
    for (const std::string& pattern : target.machines) {
      const absl::string_view begin =
          absl::string_view(pattern).substr(0, pattern.find_first_of("*?"));
      if (absl::StartsWith(begin, kAnyQ35) || absl::StartsWith(kAnyQ35, begin)) return true;
    }
  }
  return false;
}

// libvirt asks for both of SEV-ES.
bool OffersModel(const FirmwareDescriptor& descriptor, const CheckInput& input) {
  return HasFeature(descriptor, input.model.firmware_feature) &&
         (input.model.model != v1::ENCRYPTION_MODEL_AMD_SEV_ES ||
          HasFeature(descriptor, "amd-sev"));
}

// Whether libvirt loads the model's firmware from there: TDX asks for <loader type='rom'
// stateless='yes'/>, SEV-SNP as nova for <loader stateless='yes'/>, the others for nothing.
bool IsLoadable(const FirmwareDescriptor& descriptor, const CheckInput& input) {
  if (descriptor.device == "kernel") return false;
  if (!input.model.needs_memory_firmware) return true;
  if (descriptor.device == "memory") return !descriptor.has_variable_store;
  return input.model.model == v1::ENCRYPTION_MODEL_AMD_SEV_SNP && descriptor.mode == "stateless";
}

// System Management Mode is off in every trust domain, so libvirt passes over what requires it.
bool IsLaunchable(const FirmwareDescriptor& descriptor, const CheckInput& input) {
  const bool needs_smm =
      input.model.model == v1::ENCRYPTION_MODEL_INTEL_TDX && HasFeature(descriptor, "requires-smm");
  return OffersModel(descriptor, input) && IsLoadable(descriptor, input) && !needs_smm;
}

bool FitsSecureBoot(const FirmwareDescriptor& descriptor, SecureBoot secure_boot) {
  if (secure_boot == SecureBoot::kUnstated) return true;
  return HasFeature(descriptor, kSecureBootFeature) == (secure_boot == SecureBoot::kOn);
}

// All but the machine.
bool FitsButFor(const FirmwareDescriptor& descriptor, const CheckInput& input,
                SecureBoot secure_boot) {
  const std::vector<std::string>& interfaces = descriptor.interface_types;
  return IsLaunchable(descriptor, input) && FitsSecureBoot(descriptor, secure_boot) &&
         std::find(interfaces.begin(), interfaces.end(), "uefi") != interfaces.end();
}

bool Fits(const FirmwareDescriptor& descriptor, const CheckInput& input, SecureBoot secure_boot) {
  return FitsButFor(descriptor, input, secure_boot) &&
         IsForMachine(descriptor, "x86_64", MachineOf(input));
}

// One that would be chosen if q35 stood for a version that it names.
const FirmwareDescriptor* FirstThatHangsOnTheVersion(const CheckInput& input,
                                                     SecureBoot secure_boot) {
  if (MachineOf(input) != kAnyQ35) return nullptr;
  for (const FirmwareDescriptor& descriptor : input.files.firmware.descriptors) {
    if (FitsButFor(descriptor, input, secure_boot) && MayBeForSomeQ35(descriptor)) {
      return &descriptor;
    }
  }
  return nullptr;
}

// libvirt takes the first that fits, whether its file is there or not.
const FirmwareDescriptor* FirstFitting(const CheckInput& input, SecureBoot secure_boot) {
  for (const FirmwareDescriptor& descriptor : input.files.firmware.descriptors) {
    if (Fits(descriptor, input, secure_boot)) return &descriptor;
  }
  return nullptr;
}

// libvirt chooses nothing at all while a link in its folders leads nowhere
// (src/qemu/qemu_interop_config.c); what is malformed it passes over.
const absl::Status* FirstProblem(const FirmwareCatalog& catalog, bool (*is)(const absl::Status&)) {
  const auto it = std::find_if(catalog.problems.begin(), catalog.problems.end(), is);
  return it == catalog.problems.end() ? nullptr : &*it;
}

bool HidesDescriptors(const absl::Status& problem) { return !absl::IsInvalidArgument(problem); }

// What keeps a descriptor that lists the model from being chosen.
std::string Unfitness(const FirmwareDescriptor& descriptor, const CheckInput& input) {
  const std::string offer =
      absl::StrCat(Printable(descriptor.path, 4096), " offers ", input.model.firmware_feature);
  if (!OffersModel(descriptor, input)) return absl::StrCat(offer, " without amd-sev");
  if (!IsLoadable(descriptor, input)) {
    return descriptor.has_variable_store
               ? absl::StrCat(offer, " with a variable store, which it cannot have")
               : absl::StrCat(offer, " in ", Printable(descriptor.device), ", and it needs memory");
  }
  if (!IsLaunchable(descriptor, input)) {
    return absl::StrCat(offer, " with System Management Mode, which it cannot have");
  }
  if (!IsForMachine(descriptor, "x86_64", MachineOf(input))) {
    return absl::StrCat(offer, " for other machines than x86_64's ", MachineOf(input));
  }
  return absl::StrCat(offer, ", but not to such guests");
}

// Why none fits, where none does; in words as FirmwareChoice has them.
absl::Status NoneFits(const CheckInput& input, SecureBoot secure_boot) {
  const FirmwareCatalog& catalog = input.files.firmware;
  const absl::Status* hidden = FirstProblem(catalog, HidesDescriptors);
  if (hidden != nullptr) {
    return absl::IsNotFound(*hidden) ? absl::UnavailableError(hidden->message()) : *hidden;
  }
  const FirmwareDescriptor* versioned = FirstThatHangsOnTheVersion(input, secure_boot);
  if (versioned != nullptr) {
    return absl::UnknownError(absl::StrCat(
        Printable(versioned->path, 4096),
        " is for some versions of q35, and libvirt has not told which one guests get"));
  }
  if (secure_boot != SecureBoot::kUnstated) return absl::NotFoundError("");
  for (const FirmwareDescriptor& descriptor : catalog.descriptors) {
    if (!HasFeature(descriptor, input.model.firmware_feature)) continue;
    return absl::NotFoundError(Unfitness(descriptor, input));
  }
  std::string none = absl::StrCat("none of ", catalog.descriptors.size(), " descriptors offers ",
                                  input.model.firmware_feature);
  if (!catalog.problems.empty()) {
    absl::StrAppend(&none, "; passed over: ", catalog.problems.front().message());
  }
  return absl::NotFoundError(none);
}

FirmwareChoice ByDescriptors(const CheckInput& input, SecureBoot secure_boot) {
  const FirmwareDescriptor* first = FirstFitting(input, secure_boot);
  if (first == nullptr) return {NoneFits(input, secure_boot), false, nullptr};
  const absl::Status* blocking = FirstProblem(
      input.files.firmware, [](const absl::Status& status) { return absl::IsNotFound(status); });
  if (blocking != nullptr) return {absl::UnavailableError(blocking->message()), false, nullptr};
  if (HasFeature(*first, kEnrolledKeys) && !HasFeature(*first, kSecureBootFeature)) {
    return {absl::NotFoundError(
                absl::StrCat(first->path,
                             " comes first and lists enrolled-keys without secure-boot, which "
                             "libvirt chooses and then refuses")),
            false, nullptr};
  }
  return {first->filename, false, first};
}

const absl::StatusOr<std::string>& AnswerFor(const FirmwareAnswers& answers,
                                             SecureBoot secure_boot) {
  if (secure_boot == SecureBoot::kOff) return answers.off;
  return secure_boot == SecureBoot::kOn ? answers.on : answers.unstated;
}

// libvirt's answer; null: it was not asked, or gave none.
const absl::StatusOr<std::string>* LibvirtsAnswer(const CheckInput& input, SecureBoot secure_boot) {
  if (!input.hypervisor.ok()) return nullptr;
  const auto answers = input.hypervisor->firmware.find(input.model.model);
  if (answers == input.hypervisor->firmware.end()) return nullptr;
  const absl::StatusOr<std::string>& answer = AnswerFor(answers->second, secure_boot);
  return answer.ok() || absl::IsFailedPrecondition(answer.status()) ? &answer : nullptr;
}

// Of those that fit, the first with that file.
const FirmwareDescriptor* OffererOf(const std::string& path, const CheckInput& input,
                                    SecureBoot secure_boot) {
  for (const FirmwareDescriptor& descriptor : input.files.firmware.descriptors) {
    if (descriptor.filename == path && Fits(descriptor, input, secure_boot)) return &descriptor;
  }
  return nullptr;
}

}  // namespace

FirmwareChoice ChooseFirmware(const CheckInput& input, SecureBoot secure_boot) {
  const absl::StatusOr<std::string>* answer = LibvirtsAnswer(input, secure_boot);
  if (answer == nullptr) return ByDescriptors(input, secure_boot);
  if (!answer->ok()) return {*answer, true, nullptr};
  return {*answer, true, OffererOf(**answer, input, secure_boot)};
}

absl::Status WhyNoneFits(const CheckInput& input) {
  const bool one_fits = FirstFitting(input, SecureBoot::kUnstated) != nullptr;
  return one_fits ? absl::OkStatus() : NoneFits(input, SecureBoot::kUnstated);
}

}  // namespace ccplace
