#include "lib/lifecycle/admission.h"

#include <cstdint>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "lib/base/machine_type.h"
#include "lib/base/status.h"
#include "lib/base/text.h"
#include "lib/domain/domain_xml.h"
#include "lib/domain/field_validation.h"
#include "lib/domain/spec_defaults.h"
#include "lib/domain/text_rules.h"
#include "lib/host/quote_service.h"
#include "lib/lifecycle/reasons.h"
#include "lib/request/rules.h"

namespace ccplace {
namespace {

// The disks as nova's block device mapping would state them, so that one set of rules serves both.
void AddDisks(const v1::TdxDomainSpec& domain, v1::ValidateRequestRequest& out) {
  for (int i = 0; i < domain.disks_size(); ++i) {
    const v1::Disk& disk = domain.disks(i);
    v1::BlockDevice& device = *out.add_block_devices();
    device.set_name(absl::StrCat("domain.disks[", i, "]"));
    device.set_disk_bus(disk.bus() == v1::DISK_BUS_SCSI ? "scsi" : "virtio");
    const uint32_t order = BootOrderOfDisk(domain, i);
    device.set_boot_index(order > 0 ? absl::StrCat(order - 1) : "-1");
  }
}

v1::ValidateRequestRequest AsRequest(const v1::DefineTdxDomainRequest& request) {
  v1::ValidateRequestRequest out;
  *out.mutable_flavor() = request.flavor();
  *out.mutable_image() = request.image();
  out.set_dialect(request.dialect());
  AddDisks(request.domain(), out);
  return out;
}

absl::Status CheckBounds(const v1::DefineTdxDomainRequest& request,
                         const v1::ValidateRequestRequest& as_request) {
  const absl::Status spec = ValidateDomainSpec(request);
  const absl::Status rules = CheckRequestBounds(as_request);
  if (spec.ok() || rules.ok()) return spec.ok() ? rules : spec;
  std::vector<FieldError> errors = FieldErrorsOf(spec);
  for (FieldError& error : FieldErrorsOf(rules)) errors.push_back(std::move(error));
  return InvalidFieldsError(errors);
}

std::string FieldOf(const v1::Offender& offender) {
  switch (offender.origin()) {
    case v1::OFFENDER_ORIGIN_FLAVOR:
      return absl::StrCat("flavor.extra_specs[", Quoted(offender.key()), "]");
    case v1::OFFENDER_ORIGIN_IMAGE:
      return absl::StrCat("image.properties[", Quoted(offender.key()), "]");
    default:
      return Printable(offender.key());
  }
}

// One entry per setting, each beginning with the rule's name for programs to branch on.
absl::Status RulesError(const v1::ValidateRequestResponse& judged) {
  std::vector<FieldError> errors;
  for (const v1::Violation& violation : judged.violations()) {
    const std::string& name = v1::ViolationReason_Name(violation.reason());
    const std::string text =
        absl::StrCat(absl::StripPrefix(name, "VIOLATION_REASON_"), ": ",
                     Printable(violation.message(), 1024), " ", Printable(violation.remedy(), 512));
    for (const v1::Offender& offender : violation.offenders()) {
      errors.push_back({FieldOf(offender), text});
    }
    if (violation.offenders().empty()) errors.push_back({"flavor", text});
  }
  if (errors.empty()) errors.push_back({"flavor", "is refused; see ValidateRequest"});
  return WithReason(InvalidFieldsError(errors), reasons::kRulesBroken);
}

absl::Status CheckDecision(const v1::ValidateRequestResponse& judged) {
  if (judged.decision() == v1::DECISION_NOT_CONFIDENTIAL) {
    return WithReason(
        InvalidFieldsError({{"flavor.extra_specs['hw:mem_encryption']",
                             "neither flavor nor image asks for memory encryption; set "
                             "hw:mem_encryption=true and hw:mem_encryption_model=intel-tdx"}}),
        reasons::kNotConfidential);
  }
  if (judged.decision() != v1::DECISION_ACCEPTED) return RulesError(judged);
  if (judged.model() == v1::ENCRYPTION_MODEL_INTEL_TDX) return absl::OkStatus();
  return WithReason(
      InvalidFieldsError({{"flavor.extra_specs['hw:mem_encryption_model']",
                           "flavor and image ask for another model; only intel-tdx is defined "
                           "here: set hw:mem_encryption_model=intel-tdx"}}),
      reasons::kModelNotTdx);
}

// An image that says nothing, or that either will do, leaves the choice to libvirt.
SecureBoot SecureBootOf(SecureBootWish wish) {
  if (wish == SecureBootWish::kRequired) return SecureBoot::kOn;
  return wish == SecureBootWish::kDisabled ? SecureBoot::kOff : SecureBoot::kUnstated;
}

std::string MachineTypeInForce(const v1::DefineTdxDomainRequest& request,
                               const v1::ValidateRequestResponse& verdict) {
  const std::string& asked = request.domain().machine_type();
  return asked.empty() ? verdict.judged().machine_type() : asked;
}

// The rules take whatever nova takes, which is any text with "q35" in it.
absl::Status CheckMachineType(const v1::DefineTdxDomainRequest& request,
                              const std::string& machine_type) {
  const bool of_image = request.image().properties().contains("hw_machine_type");
  std::vector<FieldError> errors;
  MessageValidator(of_image ? "image" : "flavor", errors)
      .Text(of_image ? "properties['hw_machine_type']" : "extra_specs['hw:machine_type']",
            machine_type, kMachineTypeText);
  return errors.empty() ? absl::OkStatus() : InvalidFieldsError(errors);
}

absl::Status CheckDebug(const v1::DefineTdxDomainRequest& request, const v1::HostPolicy& policy) {
  if (!request.launch().debug() || policy.allow_debug()) return absl::OkStatus();
  return WithReason(absl::PermissionDeniedError(
                        "launch.debug: a debuggable trust domain has no confidentiality, and this "
                        "daemon makes none; leave debug out, or start ccplaced with --allow_debug"),
                    reasons::kDebugNotAllowed);
}

}  // namespace

absl::StatusOr<AdmissionResult> Admit(const v1::DefineTdxDomainRequest& request,
                                      const v1::HostPolicy& policy) {
  const v1::ValidateRequestRequest as_request = AsRequest(request);
  absl::Status status = CheckBounds(request, as_request);
  if (!status.ok()) return status;
  AdmissionResult admission;
  EvaluateWithoutScheduling(as_request, policy, admission.verdict);
  status = CheckDecision(admission.verdict);
  if (!status.ok()) return status;
  const SecureBootWish wish = SecureBootWishOf(as_request);
  admission.secure_boot = SecureBootOf(wish);
  admission.names_secure_boot =
      wish == SecureBootWish::kOptional || wish == SecureBootWish::kRequired;
  admission.machine_type = MachineTypeInForce(request, admission.verdict);
  status = CheckMachineType(request, admission.machine_type);
  if (status.ok()) status = CheckDebug(request, policy);
  if (!status.ok()) return status;
  return admission;
}

bool IsFirmwareKnownFor(const std::string& machine_type, const v1::HostPolicy& policy) {
  return machine_type == ConfidentialMachineType(policy.default_machine_type());
}

absl::Status CheckHost(const Snapshot& snapshot, bool firmware_known) {
  const v1::ModelCapability& tdx = ModelOf(snapshot, v1::ENCRYPTION_MODEL_INTEL_TDX);
  if (tdx.verdict() != v1::SUPPORT_UNSUPPORTED) return absl::OkStatus();
  bool leaves_firmware_to_libvirt = false;
  std::vector<std::string> failed;
  for (const v1::Check& check : tdx.checks()) {
    if (!check.gate() || check.result() != v1::CHECK_RESULT_FAIL) continue;
    if (check.kind() == v1::CHECK_KIND_FIRMWARE && !firmware_known) {
      leaves_firmware_to_libvirt = true;
      continue;
    }
    failed.push_back(absl::StrCat(check.found(), " (", check.source(), "): ", check.remedy()));
  }
  if (failed.empty() && leaves_firmware_to_libvirt) return absl::OkStatus();
  return WithReason(absl::FailedPreconditionError(absl::StrCat(
                        "this host cannot run intel-tdx: ", absl::StrJoin(failed, "; "),
                        "; see HostCapabilities")),
                    reasons::kHostCannotRun, "intel-tdx");
}

absl::Status CheckSecureBoot(const Snapshot& snapshot, SecureBoot secure_boot) {
  const v1::GuestFirmware& firmware = ModelOf(snapshot, v1::ENCRYPTION_MODEL_INTEL_TDX).firmware();
  const bool off = secure_boot == SecureBoot::kOff;
  const v1::Support wanted = off ? firmware.without_secure_boot() : firmware.with_secure_boot();
  if (secure_boot == SecureBoot::kUnstated || wanted != v1::SUPPORT_UNSUPPORTED) {
    return absl::OkStatus();
  }
  return WithReason(
      absl::FailedPreconditionError(absl::StrCat(
          "os_secure_boot is ", off ? "disabled" : "required",
          ", and this host has no firmware for intel-tdx ", off ? "without" : "with",
          " secure boot; set os_secure_boot=optional on the image, or use another host")),
      reasons::kSecureBoot, off ? "disabled" : "required");
}

absl::Status CheckAttestation(const HostFiles& files, const std::string& socket_path) {
  const std::string path = QuoteSocketOf(socket_path);
  const absl::Status status = files.ConnectUnixSocket(path);
  if (status.ok()) return status;
  if (absl::IsUnavailable(status)) return WithContext(status, "require_attestation");
  return WithReason(absl::FailedPreconditionError(absl::StrCat(
                        "require_attestation: no Quote Generation Service answers: ",
                        status.message(), "; start it, or leave require_attestation out")),
                    reasons::kNoQuoteService, path);
}

}  // namespace ccplace
