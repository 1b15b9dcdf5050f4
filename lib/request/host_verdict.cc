#include "lib/request/host_verdict.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "lib/base/text.h"

namespace ccplace {
namespace {

constexpr char kNoFactsRemedy[] = "see HostCapabilities for what could not be read";

void Block(v1::HostBlockerReason reason, const std::string& message, const std::string& remedy,
           v1::HostVerdict& verdict) {
  v1::HostBlocker& blocker = *verdict.add_blockers();
  blocker.set_reason(reason);
  blocker.set_message(message);
  blocker.set_remedy(remedy);
}

// One blocker for each gate with this result; whether there was any.
bool BlockByGates(const v1::ModelCapability& capability, v1::CheckResult result,
                  v1::HostBlockerReason reason, v1::HostVerdict& verdict) {
  bool any = false;
  for (const v1::Check& check : capability.checks()) {
    if (!check.gate() || check.result() != result) continue;
    any = true;
    Block(reason, absl::StrCat(Printable(check.source()), ": found ", Quoted(check.found())),
          check.remedy(), verdict);
  }
  return any;
}

void BlockBySupport(const v1::ModelCapability& capability, v1::HostVerdict& verdict) {
  if (capability.verdict() == v1::SUPPORT_SUPPORTED) return;
  const bool failed = BlockByGates(capability, v1::CHECK_RESULT_FAIL,
                                   v1::HOST_BLOCKER_REASON_MODEL_UNSUPPORTED, verdict);
  const bool unread = BlockByGates(capability, v1::CHECK_RESULT_UNKNOWN,
                                   v1::HOST_BLOCKER_REASON_MODEL_UNKNOWN, verdict);
  if (capability.verdict() == v1::SUPPORT_UNSUPPORTED) {
    if (!failed) {
      Block(v1::HOST_BLOCKER_REASON_MODEL_UNSUPPORTED, "This host cannot run the model.",
            "use another host", verdict);
    }
  } else if (!unread) {
    Block(v1::HOST_BLOCKER_REASON_MODEL_UNKNOWN,
          "Whether this host can run the model is not known.", kNoFactsRemedy, verdict);
  }
}

void BlockByKeys(const v1::KeyInventory& keys, v1::HostVerdict& verdict) {
  const v1::Figure& free = keys.free();
  if (!free.has_value()) {
    Block(v1::HOST_BLOCKER_REASON_FREE_KEYS_UNKNOWN,
          absl::StrCat("How many keys are free is not known: ",
                       free.source().empty() ? "never read" : Printable(free.source()), "."),
          kNoFactsRemedy, verdict);
  } else if (free.value() == 0 && !keys.withheld().empty()) {
    Block(
        v1::HOST_BLOCKER_REASON_NO_FREE_KEY,
        absl::StrCat("All keys of the model are withheld: ", Printable(keys.withheld(), 512), "."),
        "see that QEMU can reach the Quote Generation Service, use another host, or wait", verdict);
  } else if (free.value() == 0) {
    Block(v1::HOST_BLOCKER_REASON_NO_FREE_KEY, "Every usable key of the model is in use.",
          "stop a guest of the model, use another host, or wait", verdict);
  }
}

bool RulesOut(SecureBootWish wish) {
  return wish == SecureBootWish::kDisabled || wish == SecureBootWish::kUnset;
}

bool IsForced(const v1::GuestFirmware& firmware, SecureBootWish wish) {
  return RulesOut(wish) && firmware.without_secure_boot() == v1::SUPPORT_UNSUPPORTED &&
         firmware.with_secure_boot() == v1::SUPPORT_SUPPORTED;
}

bool IsMissed(const v1::GuestFirmware& firmware, SecureBootWish wish) {
  return wish == SecureBootWish::kRequired &&
         firmware.with_secure_boot() == v1::SUPPORT_UNSUPPORTED &&
         firmware.without_secure_boot() == v1::SUPPORT_SUPPORTED;
}

// Whether nothing is known of the kind of firmware that the wish needs.
bool IsUnknown(const v1::GuestFirmware& firmware, SecureBootWish wish) {
  if (RulesOut(wish)) return firmware.without_secure_boot() == v1::SUPPORT_UNKNOWN;
  return wish == SecureBootWish::kRequired && firmware.with_secure_boot() == v1::SUPPORT_UNKNOWN;
}

// Whether there is secure boot, and nova takes it that there is none.
bool IsUnseenByNova(const v1::GuestFirmware& firmware, v1::RequestDialect dialect) {
  return dialect == v1::REQUEST_DIALECT_NOVA &&
         firmware.with_secure_boot() == v1::SUPPORT_SUPPORTED &&
         firmware.nova_secure_boot() == v1::SUPPORT_UNSUPPORTED;
}

// Whether a request comes to grief on it: "optional" is then as if nothing were said.
bool BlockByNovasView(const v1::GuestFirmware& firmware, SecureBootWish wish,
                      v1::HostVerdict& verdict) {
  constexpr char kRemedy[] =
      "install firmware that needs SMM beside it (Debian testing: ovmf-generic), by which nova "
      "knows secure boot, and set os_secure_boot=optional on the image";
  constexpr char kWhy[] =
      "nova takes it that this host has no secure boot, as libvirt's domain capabilities name no "
      "firmware that needs SMM";
  if (wish == SecureBootWish::kRequired) {
    Block(v1::HOST_BLOCKER_REASON_NO_SECURE_BOOT,
          absl::StrCat("Secure boot is required, and ", kWhy, "."), kRemedy, verdict);
    return true;
  }
  if (!IsForced(firmware, SecureBootWish::kUnset)) return false;
  Block(v1::HOST_BLOCKER_REASON_SECURE_BOOT_FORCED,
        absl::StrCat("All firmware for the model has secure boot here, and nova asks for firmware "
                     "without it: ",
                     kWhy, "."),
        kRemedy, verdict);
  return true;
}

void WarnOfKeys(const v1::GuestFirmware& firmware, v1::HostVerdict& verdict) {
  v1::Warning& warning = *verdict.add_warnings();
  warning.set_reason(v1::WARNING_REASON_ONLY_SIGNED_LOADERS);
  warning.set_message(absl::StrCat(
      "The firmware of this host, ", Printable(firmware.path()),
      ", has secure boot on with keys enrolled: a boot loader that none of them signed does not "
      "start."));
  warning.set_remedy("take an image whose boot loader is signed (shim)");
}

// Where there is no firmware at all, or nothing is known of any, a gate says so.
void BlockBySecureBoot(const v1::ModelCapability& capability, const HostWish& host_wish,
                       v1::HostVerdict& verdict) {
  const v1::GuestFirmware& firmware = capability.firmware();
  const SecureBootWish wish = host_wish.secure_boot;
  if (IsUnseenByNova(firmware, host_wish.dialect) && BlockByNovasView(firmware, wish, verdict)) {
    return;
  }
  if (capability.verdict() == v1::SUPPORT_SUPPORTED && IsUnknown(firmware, wish)) {
    Block(v1::HOST_BLOCKER_REASON_MODEL_UNKNOWN,
          absl::StrCat("Whether this host has firmware for the model ",
                       RulesOut(wish) ? "without" : "with", " secure boot is not known."),
          kNoFactsRemedy, verdict);
  } else if (IsForced(firmware, wish)) {
    Block(v1::HOST_BLOCKER_REASON_SECURE_BOOT_FORCED,
          absl::StrCat("All firmware for the model has secure boot here, and the image ",
                       wish == SecureBootWish::kUnset ? "does not allow it." : "rules it out."),
          "set os_secure_boot=optional on the image (and nothing else in the flavor)", verdict);
  } else if (IsMissed(firmware, wish)) {
    Block(v1::HOST_BLOCKER_REASON_NO_SECURE_BOOT,
          "Secure boot is required, and no firmware for the model has it here.",
          "set os_secure_boot=optional on the image, or use another host", verdict);
  } else if (firmware.enrolled_keys() && !RulesOut(wish)) {
    WarnOfKeys(firmware, verdict);
  }
}

void BlockByAge(const v1::Freshness& freshness, v1::HostVerdict& verdict) {
  if (!freshness.stale()) return;
  const v1::FactsAge& age =
      freshness.hypervisor().stale() ? freshness.hypervisor() : freshness.host_files();
  Block(v1::HOST_BLOCKER_REASON_FACTS_STALE,
        absl::StrCat("The host's facts are stale: ",
                     age.reason().empty() ? "not read lately" : Printable(age.reason()), "."),
        "see that libvirtd answers and the kernel's files can be read, then ask again", verdict);
}

bool IsCertain(v1::HostBlockerReason reason) {
  return reason == v1::HOST_BLOCKER_REASON_MODEL_UNSUPPORTED ||
         reason == v1::HOST_BLOCKER_REASON_NO_FREE_KEY ||
         reason == v1::HOST_BLOCKER_REASON_SECURE_BOOT_FORCED ||
         reason == v1::HOST_BLOCKER_REASON_NO_SECURE_BOOT;
}

v1::Support Sum(const v1::HostVerdict& verdict) {
  for (const v1::HostBlocker& blocker : verdict.blockers()) {
    if (IsCertain(blocker.reason())) return v1::SUPPORT_UNSUPPORTED;
  }
  return verdict.blockers().empty() ? v1::SUPPORT_SUPPORTED : v1::SUPPORT_UNKNOWN;
}

}  // namespace

void EvaluateHost(const HostWish& wish, const v1::ModelCapability& capability,
                  const v1::Freshness& freshness, v1::HostVerdict& verdict) {
  if (wish.model == v1::ENCRYPTION_MODEL_UNSPECIFIED) return;
  const bool told = capability.model() == wish.model;
  const v1::ModelCapability& known = told ? capability : v1::ModelCapability::default_instance();
  BlockBySupport(known, verdict);
  if (known.verdict() == v1::SUPPORT_SUPPORTED) BlockByKeys(known.keys(), verdict);
  BlockBySecureBoot(known, wish, verdict);
  BlockByAge(freshness, verdict);
  verdict.set_can_run_now(Sum(verdict));
}

}  // namespace ccplace
