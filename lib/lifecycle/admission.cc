#include "lib/lifecycle/admission.h"

#include <algorithm>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "lib/base/status.h"
#include "lib/base/text.h"
#include "lib/domain/domain_xml.h"
#include "lib/lifecycle/reasons.h"
#include "lib/request/rules.h"

namespace ccplace {
namespace {

// Where libvirt points a trust domain that names no socket (docs/formatdomain, launchSecurity).
constexpr char kDefaultQuoteSocket[] = "/var/run/tdx-qgs/qgs.socket";

// The disks as nova's block device mapping would state them, so that one set of rules serves both.
void AddDisks(const v1::TdxDomainSpec& domain, v1::ValidateRequestRequest& out) {
  const auto ordered = [](const auto& device) { return device.boot_order() > 0; };
  const bool none_ordered =
      std::none_of(domain.disks().begin(), domain.disks().end(), ordered) &&
      std::none_of(domain.interfaces().begin(), domain.interfaces().end(), ordered);
  for (int i = 0; i < domain.disks_size(); ++i) {
    const v1::Disk& disk = domain.disks(i);
    v1::BlockDevice& device = *out.add_block_devices();
    device.set_name(absl::StrCat("domain.disks[", i, "]"));
    device.set_disk_bus(disk.bus() == v1::DISK_BUS_SCSI ? "scsi" : "virtio");
    const bool boots = disk.boot_order() > 0 || (none_ordered && i == 0);
    device.set_boot_index(boots ? absl::StrCat(std::max(disk.boot_order(), 1u) - 1) : "-1");
  }
}

v1::ValidateRequestRequest AsRequest(const v1::DefineTdxDomainRequest& request) {
  v1::ValidateRequestRequest out;
  *out.mutable_flavor() = request.flavor();
  *out.mutable_image() = request.image();
  AddDisks(request.domain(), out);
  return out;
}

absl::Status CheckBounds(const v1::DefineTdxDomainRequest& request,
                         const v1::ValidateRequestRequest& as_request) {
  const absl::Status spec = CheckDomainSpec(request);
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

}  // namespace

absl::StatusOr<v1::ValidateRequestResponse> JudgeDefinition(
    const v1::DefineTdxDomainRequest& request, const v1::HostPolicy& policy) {
  const v1::ValidateRequestRequest as_request = AsRequest(request);
  absl::Status status = CheckBounds(request, as_request);
  if (!status.ok()) return status;
  v1::ValidateRequestResponse judged;
  JudgeRequest(as_request, policy, judged);
  status = CheckDecision(judged);
  if (!status.ok()) return status;
  if (!request.launch().debug() || policy.allow_debug()) return judged;
  return WithReason(absl::PermissionDeniedError(
                        "launch.debug: a debuggable trust domain has no confidentiality, and this "
                        "daemon makes none; leave debug out, or start ccplaced with --allow_debug"),
                    reasons::kDebugNotAllowed);
}

absl::Status CheckHost(const Snapshot& snapshot) {
  const v1::ModelCapability& tdx = ModelOf(snapshot, v1::ENCRYPTION_MODEL_INTEL_TDX);
  if (tdx.verdict() != v1::SUPPORT_UNSUPPORTED) return absl::OkStatus();
  std::vector<std::string> failed;
  for (const v1::Check& check : tdx.checks()) {
    if (!check.gate() || check.result() != v1::CHECK_RESULT_FAIL) continue;
    failed.push_back(absl::StrCat(check.found(), " (", check.source(), "): ", check.remedy()));
  }
  return WithReason(absl::FailedPreconditionError(absl::StrCat(
                        "this host cannot run intel-tdx: ", absl::StrJoin(failed, "; "),
                        "; see HostCapabilities")),
                    reasons::kHostCannotRun, "intel-tdx");
}

absl::Status CheckFreeKey(const Snapshot& snapshot) {
  const v1::KeyInventory& keys = ModelOf(snapshot, v1::ENCRYPTION_MODEL_INTEL_TDX).keys();
  if (!keys.free().has_value() || keys.free().value() > 0) return absl::OkStatus();
  return WithReason(
      absl::ResourceExhaustedError(absl::StrCat(
          "no TDX key is free on this host: ", keys.usable().value(), " usable, ",
          keys.in_use().value(), " in use; use another host, or wait until a guest ends")),
      reasons::kNoFreeKey);
}

absl::Status CheckAttestation(const HostFiles& files, const std::string& socket_path) {
  const std::string path = socket_path.empty() ? kDefaultQuoteSocket : socket_path;
  const absl::Status status = files.ConnectUnixSocket(path);
  if (status.ok()) return status;
  return WithReason(absl::FailedPreconditionError(absl::StrCat(
                        "require_attestation: no Quote Generation Service answers: ",
                        status.message(), "; start it, or leave require_attestation out")),
                    reasons::kNoQuoteService, path);
}

}  // namespace ccplace
