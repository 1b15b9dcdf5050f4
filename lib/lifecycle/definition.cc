#include "lib/lifecycle/definition.h"

#include <chrono>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "lib/base/status.h"
#include "lib/base/text.h"
#include "lib/hypervisor/domain_state.h"
#include "lib/lifecycle/differences.h"
#include "lib/lifecycle/existing.h"
#include "lib/lifecycle/launch_reference.h"
#include "lib/lifecycle/path_conflicts.h"
#include "lib/lifecycle/reasons.h"

namespace ccplace {
namespace {

// How long a started guest's key may take to be counted; the kernel's files are read all the time.
constexpr std::chrono::seconds kCountTime{10};

// As the rules warn of a flavor's huge pages.
void WarnOfHugePages(const v1::MemoryBacking& backing, v1::DefineTdxDomainResponse& answer) {
  if (backing.hugepage_size_kib() == 0) return;
  v1::Warning& warning = *answer.add_warnings();
  warning.set_reason(v1::WARNING_REASON_HUGE_PAGES_DEMOTED);
  v1::Offender& offender = *warning.add_offenders();
  offender.set_origin(v1::OFFENDER_ORIGIN_REQUEST);
  offender.set_key("domain.memory_backing.hugepage_size_kib");
  offender.set_value(absl::StrCat(backing.hugepage_size_kib()));
  warning.set_message(
      absl::StrCat("domain.memory_backing.hugepage_size_kib is ", backing.hugepage_size_kib(),
                   ": the kernel gives the guest 4 KiB pages for its private memory all the same"));
  warning.set_remedy("leave hugepage_size_kib out");
}

// QEMU knows the attributes SEPT_VE_DISABLE, PKS and PERFMON alone (target/i386/kvm/tdx.c,
// TDX_SUPPORTED_TD_ATTRS), from 10.1, which was the first with trust domains, to 11.1.
void WarnOfDebug(v1::DefineTdxDomainResponse& answer) {
  v1::Warning& warning = *answer.add_warnings();
  warning.set_reason(v1::WARNING_REASON_DEBUG_NEVER_STARTS);
  v1::Offender& offender = *warning.add_offenders();
  offender.set_origin(v1::OFFENDER_ORIGIN_REQUEST);
  offender.set_key("launch.debug");
  offender.set_value("true");
  warning.set_message(
      "launch.debug is true: QEMU (10.1 to 11.1) refuses a debuggable trust domain at every start, "
      "so this one can be defined and does not run");
  warning.set_remedy("leave launch.debug out");
}

absl::Status NotOurs(const absl::Status& status) {
  if (ReasonOf(status) != reasons::kForeignDomain) return status;
  return WithReason(
      absl::AlreadyExistsError(absl::StrCat(status.message(), ", or define another uuid")),
      reasons::kForeignDomain);
}

}  // namespace

Definition::Definition(const LifecycleRooms& rooms, KeyClaims& claims,
                       const v1::DefineTdxDomainRequest& request, std::string digest,
                       TdxLifecycle::Deadline deadline, Judgement judgement)
    : rooms_(rooms),
      claims_(claims),
      request_(request),
      digest_(std::move(digest)),
      deadline_(deadline),
      judgement_(std::move(judgement)) {}

absl::StatusOr<Definition> Definition::Judge(const LifecycleRooms& rooms, KeyClaims& claims,
                                             const v1::DefineTdxDomainRequest& request,
                                             std::string digest, TdxLifecycle::Deadline deadline) {
  auto judgement = JudgeDefinition(request, rooms.policy.host);
  if (!judgement.ok()) return judgement.status();
  return Definition(rooms, claims, request, std::move(digest), deadline, *std::move(judgement));
}

absl::StatusOr<v1::DefineTdxDomainResponse> Definition::DryRun() const {
  auto xml = PlanXml();
  if (!xml.ok()) return xml.status();
  auto planned = ReadDomainXml(*xml);
  if (!planned.ok()) return absl::InternalError(planned.status().message());
  v1::DefineTdxDomainResponse answer = AnswerBase();
  answer.set_dry_run(true);
  *answer.mutable_reference() = std::move(planned->reference);
  answer.set_xml(*std::move(xml));
  return answer;
}

absl::StatusOr<v1::DefineTdxDomainResponse> Definition::Run() const {
  auto domain = rooms_.hypervisor->FindByUuid(request_.domain().uuid());
  if (domain.ok()) return Repeat(*std::move(domain));
  if (!absl::IsNotFound(domain.status())) return domain.status();
  return Make();
}

absl::StatusOr<v1::DefineTdxDomainResponse> Definition::Repeat(DomainDescription domain) const {
  const auto own = ReadOwn(domain, *rooms_.definitions);
  if (!own.ok()) return NotOurs(own.status());
  const auto definition = ReadOwnDefinition(domain);
  if (!definition.ok()) return NotOurs(definition.status());
  if (own->ownership->request_digest != digest_) {
    return WithReason(absl::AlreadyExistsError(absl::StrCat(
                          "domain ", domain.uuid, " is defined with other content (digest ",
                          Printable(own->ownership->request_digest), ", this request's is ",
                          digest_, "); undefine it first, or use another uuid")),
                      reasons::kContentDiffers);
  }
  const auto differences = Differences(domain);
  if (!differences.ok()) return differences.status();
  // The call that defined it may have ended before it looked at what libvirt kept.
  if (!IsKept(*own) || (definition->has_value() && !IsKept(**definition))) {
    return WithReason(
        absl::AlreadyExistsError(absl::StrCat(
            "domain ", domain.uuid,
            " is defined with other launch security than this request's: libvirt's version may not "
            "know intel-tdx in full, or somebody changed it; undefine it first. ",
            DifferencesText(*differences))),
        reasons::kContentDiffers);
  }
  if (request_.start()) {
    auto started = StartExisting(std::move(domain), *own);
    if (!started.ok()) return started.status();
    domain = *std::move(started);
  }
  auto answer = Answer(domain);
  if (!answer.ok()) return answer.status();
  answer->set_already_defined(true);
  answer->mutable_differences()->Assign(differences->begin(), differences->end());
  return answer;
}

absl::StatusOr<v1::DefineTdxDomainResponse> Definition::Make() const {
  const auto xml = PlanXml();
  if (!xml.ok()) return xml.status();
  absl::Status status = CheckTimeLeft(*rooms_.clock, deadline_, "defining the domain");
  if (!status.ok()) return status;
  const auto domain = rooms_.hypervisor->Define(*xml);
  if (absl::IsFailedPrecondition(domain.status())) {
    return WithReason(domain.status(), reasons::kDefinitionRefused, request_.domain().uuid());
  }
  if (absl::IsAlreadyExists(domain.status())) return WhyTaken(domain.status());
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
absl::StatusOr<DomainDescription> Definition::Complete(const DomainDescription& domain) const {
  auto own = ReadOwn(domain, *rooms_.definitions);
  if (!own.ok()) return own.status();
  const absl::Status kept = CheckKept(*own);
  if (!kept.ok()) return kept;
  own->ownership->firmware_path = own->reference.firmware_path();
  auto noted =
      KeepOwnership(*rooms_.hypervisor, domain.uuid, MetadataSide::kDefinition, *own->ownership);
  if (!noted.ok() || !request_.start()) return noted;
  return Start(*std::move(noted), *own);
}

// Paths come first: nothing is asked of a socket that the policy does not allow.
absl::StatusOr<std::string> Definition::PlanXml() const {
  const auto resolved = Resolve();
  if (!resolved.ok()) return resolved.status();
  absl::Status ready = CheckPaths(*resolved);
  if (ready.ok()) ready = CheckReadiness(*resolved);
  if (!ready.ok()) return ready;
  return BuildDomainXml(*resolved, PolicyInForce(*resolved));
}

absl::StatusOr<v1::DefineTdxDomainRequest> Definition::Resolve() const {
  return ResolvePaths(*rooms_.files, rooms_.policy.paths, rooms_.policy.quote_service_path,
                      request_);
}

absl::Status Definition::CheckPaths(const v1::DefineTdxDomainRequest& resolved) const {
  return CheckPathConflicts(*rooms_.files, resolved, rooms_.definitions->All(), request_.start());
}

// The host as a whole. A domain that runs already needs none of this: it holds its key.
absl::Status Definition::CheckReadiness(const v1::DefineTdxDomainRequest& resolved) const {
  const auto snapshot = rooms_.state->Current();
  absl::Status status = CheckHost(*snapshot);
  if (status.ok() && request_.require_attestation()) {
    status = CheckAttestation(*rooms_.files, QuoteServicePath(resolved));
  }
  if (status.ok() && request_.start()) status = CheckFreeKey(TdxKeys(*snapshot));
  return status;
}

// What was defined before is started under the policy of today. One that is active needs no start,
// and one that will not run on by itself is no success.
absl::StatusOr<DomainDescription> Definition::StartExisting(DomainDescription domain,
                                                            const DefinedDomain& own) const {
  if (domain.state == v1::DOMAIN_STATE_CRASHED) {
    return WithReason(absl::FailedPreconditionError(absl::StrCat(
                          "domain ", domain.uuid,
                          " crashed, and is kept with its key "
                          "(on_crash=preserve); examine it, then stop it (virsh destroy) and "
                          "repeat the request, or undefine it with stop")),
                      reasons::kDomainCrashed, domain.uuid);
  }
  if (domain.state == v1::DOMAIN_STATE_SHUTTING_DOWN) {
    return WithReason(
        absl::UnavailableError(absl::StrCat(
            "domain ", domain.uuid, " is shutting down; repeat the request once it is off")),
        reasons::kDomainShutsDown, domain.uuid);
  }
  if (RowOf(domain.state).active && domain.state != v1::DOMAIN_STATE_UNSPECIFIED) return domain;
  const auto resolved = Resolve();
  if (!resolved.ok()) return resolved.status();
  absl::Status ready = CheckPaths(*resolved);
  if (ready.ok()) ready = CheckReadiness(*resolved);
  if (!ready.ok()) return ready;
  return Start(std::move(domain), own);
}

// What is asked for is built anew: paths that cannot be resolved any more stand as they were asked.
absl::StatusOr<std::vector<v1::DomainDifference>> Definition::Differences(
    const DomainDescription& domain) const {
  const auto resolved = Resolve();
  const v1::DefineTdxDomainRequest& asked = resolved.ok() ? *resolved : request_;
  const auto xml = BuildDomainXml(asked, PolicyInForce(asked));
  if (!xml.ok()) return xml.status();
  return FindDifferences(*xml, domain);
}

// libvirt refuses a name that is in use by itself, so it is asked for the cause only then.
absl::Status Definition::WhyTaken(const absl::Status& refusal) const {
  const auto other = rooms_.hypervisor->FindByName(request_.domain().name());
  if (!other.ok() || other->uuid == request_.domain().uuid()) return refusal;
  return WithReason(absl::AlreadyExistsError(absl::StrCat(
                        "name ", Quoted(request_.domain().name()), " belongs to domain ",
                        Printable(other->uuid), "; use another name")),
                    reasons::kNameTaken);
}

// libvirt drops what it does not know in silence: what makes the guest confidential must have come
// back out of it as it went in.
bool Definition::IsKept(const DefinedDomain& own) const {
  const v1::LaunchData& asked = request_.launch();
  const v1::LaunchReference& kept = own.reference;
  const uint64_t policy = kTdPolicy | (asked.debug() ? kTdPolicyDebug : 0);
  return own.model == v1::ENCRYPTION_MODEL_INTEL_TDX && kept.policy() == policy &&
         kept.mr_config_id() == asked.mr_config_id() && kept.mr_owner() == asked.mr_owner() &&
         kept.mr_owner_config() == asked.mr_owner_config() &&
         own.ownership->request_digest == digest_;
}

absl::Status Definition::CheckKept(const DefinedDomain& own) const {
  if (IsKept(own)) return absl::OkStatus();
  return absl::InternalError(absl::StrCat("domain ", request_.domain().uuid(),
                                          ": libvirt did not keep the launch security that it was "
                                          "given; its version may not know intel-tdx in full"));
}

absl::StatusOr<DomainDescription> Definition::Start(DomainDescription domain,
                                                    const DefinedDomain& own) const {
  const auto claim = claims_.Take(*rooms_.state);
  if (!claim.ok()) return claim.status();
  const LaunchWitness witness(*rooms_.files, own.reference.firmware_path());
  absl::Status status = CheckTimeLeft(*rooms_.clock, deadline_, "starting the domain");
  if (status.ok()) status = rooms_.hypervisor->Start(domain.uuid);
  if (absl::IsAborted(status)) return WithReason(status, reasons::kStartFailed);
  if (!status.ok()) return status;
  // The facts show this key as free until they are read again, with which the claim ends.
  rooms_.state->RefreshDomains(std::chrono::steady_clock::now() + kCountTime,
                               [held = *claim](const absl::Status&) {});
  return Started(std::move(domain), *own.ownership, witness.RecordAt(rooms_.clock->Wall()));
}

// The guest is there, whatever becomes of the notes on it: without them its reference values are
// said to be of a later moment than its start.
DomainDescription Definition::Started(DomainDescription domain, DomainOwnership ownership,
                                      std::optional<LaunchRecord> launch) const {
  absl::StatusOr<DomainDescription> now = absl::NotFoundError("nothing to note");
  if (launch.has_value()) {
    ownership.launch = std::move(launch);
    now = KeepOwnership(*rooms_.hypervisor, domain.uuid, MetadataSide::kActiveGuest, ownership);
  }
  if (!now.ok()) now = rooms_.hypervisor->FindByUuid(domain.uuid);
  if (now.ok()) return *std::move(now);
  domain.state = v1::DOMAIN_STATE_RUNNING;
  return domain;
}

// Takes back this call's own definition. Where the connection was lost the domain may well run: it
// is left as it is, and a repeat of the request settles it.
absl::Status Definition::Undo(const absl::Status& failure) const {
  if (absl::IsUnavailable(failure)) return failure;
  const absl::Status undone = rooms_.hypervisor->Undefine(request_.domain().uuid());
  if (undone.ok()) return failure;
  return WithContext(failure, absl::StrCat("the definition of ", request_.domain().uuid(),
                                           " was left behind (", undone.message(), ")"));
}

absl::StatusOr<v1::DefineTdxDomainResponse> Definition::Answer(
    const DomainDescription& domain) const {
  const auto defined = rooms_.definitions->Read(domain.uuid, domain.xml);
  if (!defined->ok()) return absl::InternalError(defined->status().message());
  v1::DefineTdxDomainResponse answer = AnswerBase();
  answer.set_name(Printable(domain.name));
  answer.set_state(domain.state);
  answer.set_running(RowOf(domain.state).runs);
  answer.set_transient(domain.definition.empty());
  answer.set_xml(domain.definition.empty() ? domain.xml : domain.definition);
  v1::LaunchReference& reference = *answer.mutable_reference();
  reference = ReferenceOf(*rooms_.files, domain, **defined);
  const v1::TdxFirmware measured = rooms_.state->Current()->capabilities.tdx_firmware();
  if (measured.sha384() == reference.firmware_sha384()) reference.set_mrtd(measured.mrtd());
  return answer;
}

v1::DefineTdxDomainResponse Definition::AnswerBase() const {
  v1::DefineTdxDomainResponse answer;
  answer.set_uuid(request_.domain().uuid());
  answer.set_name(request_.domain().name());
  answer.set_request_digest(digest_);
  *answer.mutable_warnings() = judgement_.verdict.warnings();
  WarnOfHugePages(request_.domain().memory_backing(), answer);
  if (request_.launch().debug()) WarnOfDebug(answer);
  answer.set_simulated(rooms_.state->Current()->simulated);
  return answer;
}

const std::string& Definition::QuoteServicePath(const v1::DefineTdxDomainRequest& resolved) const {
  const std::string& asked = resolved.launch().quote_service_path();
  return asked.empty() ? rooms_.policy.quote_service_path : asked;
}

DomainPolicy Definition::PolicyInForce(const v1::DefineTdxDomainRequest& resolved) const {
  DomainPolicy policy;
  policy.machine_type = judgement_.machine_type;
  policy.quote_service_path = QuoteServicePath(resolved);
  policy.secure_boot = judgement_.secure_boot;
  policy.defined_at = absl::FormatTime(absl::RFC3339_sec, absl::FromChrono(rooms_.clock->Wall()),
                                       absl::UTCTimeZone());
  policy.request_digest = digest_;
  policy.service_version = rooms_.policy.service_version;
  return policy;
}

}  // namespace ccplace
