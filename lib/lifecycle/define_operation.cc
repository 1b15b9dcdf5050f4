#include "lib/lifecycle/define_operation.h"

#include <chrono>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "lib/base/status.h"
#include "lib/lifecycle/domain_schema.h"
#include "lib/lifecycle/launch_reference.h"
#include "lib/lifecycle/owned_domain.h"
#include "lib/lifecycle/path_conflicts.h"
#include "lib/lifecycle/reasons.h"

namespace ccplace {
namespace {

// How long a started guest's key may take to be counted; the kernel's files are read all the time.
constexpr std::chrono::seconds kCountTime{10};

}  // namespace

DefineOperation::DefineOperation(const LifecycleDependencies& dependencies, KeyClaims& claims,
                                 const v1::DefineTdxDomainRequest& request, std::string digest,
                                 TdxLifecycle::Deadline deadline, AdmissionResult admission)
    : dependencies_(dependencies),
      claims_(claims),
      request_(request),
      digest_(std::move(digest)),
      deadline_(deadline),
      admission_(std::move(admission)) {}

absl::StatusOr<DefineOperation> DefineOperation::Create(const LifecycleDependencies& dependencies,
                                                        KeyClaims& claims,
                                                        const v1::DefineTdxDomainRequest& request,
                                                        std::string digest,
                                                        TdxLifecycle::Deadline deadline) {
  auto admission = Admit(request, dependencies.policy.host);
  if (!admission.ok()) return admission.status();
  return DefineOperation(dependencies, claims, request, std::move(digest), deadline,
                         *std::move(admission));
}

absl::StatusOr<v1::DefineTdxDomainResponse> DefineOperation::DryRun() const {
  const auto resolved = ResolveReady();
  if (!resolved.ok()) return resolved.status();
  auto xml = BuildDomainXml(*resolved, PolicyInForce(*resolved));
  if (!xml.ok()) return xml.status();
  auto planned = ReadDomainXml(*xml);
  if (!planned.ok()) return absl::InternalError(planned.status().message());
  const absl::Status valid = CheckAgainstSchema(*dependencies_.files, *xml);
  if (!valid.ok()) {
    return WithReason(valid, reasons::kDefinitionRefused, request_.domain().uuid());
  }
  const auto firmware = AskLibvirt(*resolved);
  if (!firmware.ok()) return firmware.status();
  v1::DefineTdxDomainResponse answer = AnswerBase();
  answer.set_dry_run(true);
  *answer.mutable_reference() = std::move(planned->reference);
  SetFirmware(*firmware, *answer.mutable_reference());
  answer.set_xml(*std::move(xml));
  return answer;
}

absl::StatusOr<v1::DefineTdxDomainResponse> DefineOperation::Run() const {
  auto domain = dependencies_.hypervisor->FindByUuid(request_.domain().uuid());
  if (domain.ok()) return Repeat(*std::move(domain));
  if (!absl::IsNotFound(domain.status())) return domain.status();
  return Make();
}

absl::StatusOr<v1::DefineTdxDomainResponse> DefineOperation::Make() const {
  const auto xml = PlanXml();
  if (!xml.ok()) return xml.status();
  absl::Status status = CheckTimeLeft(*dependencies_.clock, deadline_, "defining the domain");
  if (!status.ok()) return status;
  const auto domain = dependencies_.hypervisor->Define(*xml);
  if (absl::IsFailedPrecondition(domain.status())) {
    return WithReason(domain.status(), reasons::kDefinitionRefused, request_.domain().uuid());
  }
  if (absl::IsAlreadyExists(domain.status())) return ExplainConflict(domain.status());
  if (absl::IsUnavailable(domain.status())) {
    return WithContext(domain.status(),
                       "whether the domain was defined is not known; repeat the same request");
  }
  if (!domain.ok()) return domain.status();
  auto made = Complete(*domain);
  if (!made.ok()) return Undo(made.status());
  return Answer(*made);
}

// What follows on the definition, all of which must succeed for it to stay.
absl::StatusOr<DomainDescription> DefineOperation::Complete(const DomainDescription& domain) const {
  auto own = ReadOwnedDomain(domain, *dependencies_.parsed_domains);
  if (!own.ok()) return own.status();
  const absl::Status kept = CheckMatchesRequest(*own);
  if (!kept.ok()) return kept;
  auto noted = NoteFirmware(domain, *own);
  if (!noted.ok() || !request_.start()) return noted;
  return Start(*std::move(noted), *own);
}

// Paths come first: no connection is made to a socket that the policy does not allow.
absl::StatusOr<v1::DefineTdxDomainRequest> DefineOperation::ResolveReady() const {
  auto resolved = Resolve();
  if (!resolved.ok()) return resolved.status();
  absl::Status ready = CheckPaths(*resolved);
  if (ready.ok()) ready = CheckReadiness(*resolved);
  if (!ready.ok()) return ready;
  return resolved;
}

absl::StatusOr<std::string> DefineOperation::PlanXml() const {
  const auto resolved = ResolveReady();
  if (!resolved.ok()) return resolved.status();
  return BuildDomainXml(*resolved, PolicyInForce(*resolved));
}

absl::StatusOr<v1::DefineTdxDomainRequest> DefineOperation::Resolve() const {
  return ResolvePaths(*dependencies_.files, dependencies_.policy.paths,
                      dependencies_.policy.quote_service_path, request_);
}

// Checked against the latest reading, which costs libvirt nothing. That may be out of date, so
// libvirt is asked before a request is refused because of another domain.
absl::Status DefineOperation::CheckPaths(const v1::DefineTdxDomainRequest& resolved) const {
  const auto check = [&](const std::vector<ParsedDomainCache::ParsedDomain>& domains) {
    return CheckPathConflicts(*dependencies_.files, resolved, domains, request_.start());
  };
  const absl::Status status = check(dependencies_.parsed_domains->All());
  if (ReasonOf(status) != reasons::kPathInUse) return status;
  const auto listed = dependencies_.hypervisor->ListDomains();
  if (!listed.ok()) return status;
  std::vector<ParsedDomainCache::ParsedDomain> domains;
  for (const DomainDescription& domain : *listed) {
    if (!domain.unread.ok()) return status;
    domains.push_back(dependencies_.parsed_domains->Read(domain.uuid, domain.xml));
  }
  return check(domains);
}

// Checks the host. A domain that runs already needs none of this: it holds its key.
absl::Status DefineOperation::CheckReadiness(const v1::DefineTdxDomainRequest& resolved) const {
  const auto snapshot = dependencies_.state->Current();
  const bool firmware_known =
      IsFirmwareKnownFor(admission_.machine_type, dependencies_.policy.host);
  absl::Status status = CheckHost(*snapshot, firmware_known);
  if (status.ok() && firmware_known) status = CheckSecureBoot(*snapshot, admission_.secure_boot);
  if (status.ok() && request_.require_attestation()) {
    status = CheckAttestation(*dependencies_.files, QuoteServicePath(resolved));
  }
  if (status.ok() && request_.start()) status = CheckFreeKey(TdxKeys(*snapshot));
  return status;
}

absl::StatusOr<DomainDescription> DefineOperation::Start(DomainDescription domain,
                                                         const DefinedDomain& own) const {
  const auto claim = claims_.Take(*dependencies_.state);
  if (!claim.ok()) return claim.status();
  const LaunchWitness witness(*dependencies_.files, own.reference.firmware_path());
  absl::Status status = CheckTimeLeft(*dependencies_.clock, deadline_, "starting the domain");
  if (status.ok()) status = dependencies_.hypervisor->Start(domain.uuid);
  if (absl::IsAborted(status)) return WithReason(status, reasons::kStartFailed);
  if (!status.ok()) return status;
  // The facts show this key as free until they are read again, with which the claim ends.
  dependencies_.state->RefreshDomains(std::chrono::steady_clock::now() + kCountTime,
                                      [held = *claim](const absl::Status&) {});
  const auto snapshot = dependencies_.state->Current();
  return Started(
      std::move(domain), *own.ownership,
      witness.RecordAt(dependencies_.clock->Wall(), snapshot->capabilities.tdx_firmware()));
}

// The guest runs even if its metadata cannot be written. Without that metadata its reference values
// are reported as read after its start.
DomainDescription DefineOperation::Started(DomainDescription domain, DomainOwnership ownership,
                                           std::optional<LaunchRecord> launch) const {
  absl::StatusOr<DomainDescription> now = absl::NotFoundError("nothing to note");
  if (launch.has_value()) {
    ownership.launch = std::move(launch);
    now = KeepOwnership(*dependencies_.hypervisor, domain.uuid, MetadataSide::kActiveGuest,
                        ownership);
  }
  if (!now.ok()) now = dependencies_.hypervisor->FindByUuid(domain.uuid);
  if (now.ok()) return *std::move(now);
  domain.state = v1::DOMAIN_STATE_RUNNING;
  return domain;
}

// Removes this call's own definition. If the connection was lost, the domain may be running: it is
// kept, and a repeat of the request completes it.
absl::Status DefineOperation::Undo(const absl::Status& failure) const {
  if (absl::IsUnavailable(failure)) return failure;
  const absl::Status undone = dependencies_.hypervisor->Undefine(request_.domain().uuid());
  if (undone.ok()) return failure;
  return WithContext(failure, absl::StrCat("the definition of ", request_.domain().uuid(),
                                           " was left behind (", undone.message(), ")"));
}

const std::string& DefineOperation::QuoteServicePath(
    const v1::DefineTdxDomainRequest& resolved) const {
  const std::string& asked = resolved.launch().quote_service_path();
  return asked.empty() ? dependencies_.policy.quote_service_path : asked;
}

DomainPolicy DefineOperation::PolicyInForce(const v1::DefineTdxDomainRequest& resolved) const {
  DomainPolicy policy;
  policy.machine_type = admission_.machine_type;
  policy.quote_service_path = QuoteServicePath(resolved);
  policy.secure_boot = admission_.secure_boot;
  policy.defined_at = absl::FormatTime(
      absl::RFC3339_sec, absl::FromChrono(dependencies_.clock->Wall()), absl::UTCTimeZone());
  policy.request_digest = digest_;
  policy.service_version = dependencies_.policy.service_version;
  policy.firmware_path = KnownFirmware();
  return policy;
}

}  // namespace ccplace
