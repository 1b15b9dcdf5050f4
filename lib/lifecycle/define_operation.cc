#include "lib/lifecycle/define_operation.h"

#include <chrono>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "lib/base/status.h"
#include "lib/base/text.h"
#include "lib/domain/start_only.h"
#include "lib/domain/xml_writer.h"
#include "lib/hypervisor/command_line.h"
#include "lib/hypervisor/domain_state.h"
#include "lib/lifecycle/differences.h"
#include "lib/lifecycle/domain_schema.h"
#include "lib/lifecycle/launch_reference.h"
#include "lib/lifecycle/owned_domain.h"
#include "lib/lifecycle/path_conflicts.h"
#include "lib/lifecycle/reasons.h"

namespace ccplace {
namespace {

// How long a started guest's key may take to be counted; the kernel's files are read all the time.
constexpr std::chrono::seconds kCountTime{10};
constexpr size_t kPathLimit = 4096;

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

void WarnOfEnrolledKeys(const v1::TdxFirmware& firmware, v1::DefineTdxDomainResponse& answer) {
  if (!firmware.enrolled_keys()) return;
  v1::Warning& warning = *answer.add_warnings();
  warning.set_reason(v1::WARNING_REASON_ONLY_SIGNED_LOADERS);
  warning.set_message(absl::StrCat(firmware.path(),
                                   " has secure boot on with keys enrolled: a boot loader that "
                                   "none of them signed does not start"));
  warning.set_remedy("take a disk whose boot loader is signed (shim)");
}

absl::Status NotOurs(const absl::Status& status) {
  if (ReasonOf(status) != reasons::kForeignDomain) return status;
  return WithReason(
      absl::AlreadyExistsError(absl::StrCat(status.message(), ", or define another uuid")),
      reasons::kForeignDomain);
}

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

// The path of the firmware that libvirt would choose; empty where it translates no domain.
absl::StatusOr<std::string> DefineOperation::AskLibvirt(
    const v1::DefineTdxDomainRequest& resolved) const {
  const auto xml = BuildDomainXml(WithoutStartOnlyParts(resolved), PolicyInForce(resolved));
  if (!xml.ok()) return xml.status();
  const auto command_line = dependencies_.hypervisor->TranslateToNative(*xml);
  if (absl::IsUnimplemented(command_line.status())) return std::string();
  if (absl::IsFailedPrecondition(command_line.status())) {
    return WithReason(command_line.status(), reasons::kDefinitionRefused, request_.domain().uuid());
  }
  if (!command_line.ok()) return command_line.status();
  return FirmwareOfCommandLine(*command_line).value_or("");
}

// What it measures to, where the host's facts are of the same file.
void DefineOperation::SetFirmware(const std::string& path, v1::LaunchReference& reference) const {
  reference.set_firmware_path(Printable(path, kPathLimit));
  const auto snapshot = dependencies_.state->Current();
  const v1::TdxFirmware& known = snapshot->capabilities.tdx_firmware();
  if (path.empty() || known.path() != path) return;
  reference.set_firmware_sha384(known.sha384());
  reference.set_mrtd(known.mrtd());
}

absl::StatusOr<v1::DefineTdxDomainResponse> DefineOperation::Run() const {
  auto domain = dependencies_.hypervisor->FindByUuid(request_.domain().uuid());
  if (domain.ok()) return Repeat(*std::move(domain));
  if (!absl::IsNotFound(domain.status())) return domain.status();
  return Make();
}

absl::StatusOr<v1::DefineTdxDomainResponse> DefineOperation::Repeat(
    DomainDescription domain) const {
  const auto own = ReadOwnedDomain(domain, *dependencies_.definitions);
  if (!own.ok()) return NotOurs(own.status());
  const auto definition = ReadOwnedDefinition(domain);
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
  if (!MatchesRequest(*own) || (definition->has_value() && !MatchesRequest(**definition))) {
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
  auto own = ReadOwnedDomain(domain, *dependencies_.definitions);
  if (!own.ok()) return own.status();
  const absl::Status kept = CheckMatchesRequest(*own);
  if (!kept.ok()) return kept;
  auto noted = NoteFirmware(domain, *own);
  if (!noted.ok() || !request_.start()) return noted;
  return Start(*std::move(noted), *own);
}

// The definition holds what libvirt was known to choose; mostly it did.
absl::StatusOr<DomainDescription> DefineOperation::NoteFirmware(const DomainDescription& domain,
                                                                DefinedDomain& own) const {
  const std::string& chosen = own.reference.firmware_path();
  if (own.ownership->firmware_path == chosen) return domain;
  own.ownership->firmware_path = chosen;
  return KeepOwnership(*dependencies_.hypervisor, domain.uuid, MetadataSide::kDefinition,
                       *own.ownership);
}

// Paths come first: nothing is asked of a socket that the policy does not allow.
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

// By what was read last, which costs libvirt nothing. It may be of a moment ago, so that libvirt is
// asked before anything is refused for another domain.
absl::Status DefineOperation::CheckPaths(const v1::DefineTdxDomainRequest& resolved) const {
  const auto check = [&](const std::vector<ParsedDomainCache::ParsedDomain>& domains) {
    return CheckPathConflicts(*dependencies_.files, resolved, domains, request_.start());
  };
  const absl::Status status = check(dependencies_.definitions->All());
  if (ReasonOf(status) != reasons::kPathInUse) return status;
  const auto listed = dependencies_.hypervisor->ListDomains();
  if (!listed.ok()) return status;
  std::vector<ParsedDomainCache::ParsedDomain> domains;
  for (const DomainDescription& domain : *listed) {
    if (!domain.unread.ok()) return status;
    domains.push_back(dependencies_.definitions->Read(domain.uuid, domain.xml));
  }
  return check(domains);
}

// The host as a whole. A domain that runs already needs none of this: it holds its key.
absl::Status DefineOperation::CheckReadiness(const v1::DefineTdxDomainRequest& resolved) const {
  const auto snapshot = dependencies_.state->Current();
  absl::Status status = CheckHost(*snapshot);
  if (status.ok()) status = CheckSecureBoot(*snapshot, admission_.secure_boot);
  if (status.ok() && request_.require_attestation()) {
    status = CheckAttestation(*dependencies_.files, QuoteServicePath(resolved));
  }
  if (status.ok() && request_.start()) status = CheckFreeKey(TdxKeys(*snapshot));
  return status;
}

// What was defined before is started under the policy of today. One that is active needs no start,
// and one that will not run on by itself is no success.
absl::StatusOr<DomainDescription> DefineOperation::StartExisting(DomainDescription domain,
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
  const auto resolved = ResolveReady();
  if (!resolved.ok()) return resolved.status();
  return Start(std::move(domain), own);
}

// What is asked for is built anew: paths that cannot be resolved any more stand as they were asked.
absl::StatusOr<std::vector<v1::DomainDifference>> DefineOperation::Differences(
    const DomainDescription& domain) const {
  const auto resolved = Resolve();
  const v1::DefineTdxDomainRequest& asked = resolved.ok() ? *resolved : request_;
  const auto xml = BuildDomainXml(asked, PolicyInForce(asked));
  if (!xml.ok()) return xml.status();
  return FindDifferences(*xml, domain);
}

// libvirt refuses a name that is in use by itself, so it is asked for the cause only then.
absl::Status DefineOperation::ExplainConflict(const absl::Status& refusal) const {
  const auto other = dependencies_.hypervisor->FindByName(request_.domain().name());
  if (!other.ok() || other->uuid == request_.domain().uuid()) return refusal;
  return WithReason(absl::AlreadyExistsError(absl::StrCat(
                        "name ", Quoted(request_.domain().name()), " belongs to domain ",
                        Printable(other->uuid), "; use another name")),
                    reasons::kNameTaken);
}

// libvirt drops what it does not know in silence: what makes the guest confidential must have come
// back out of it as it went in.
bool DefineOperation::MatchesRequest(const DefinedDomain& own) const {
  const v1::LaunchData& asked = request_.launch();
  const v1::LaunchReference& kept = own.reference;
  const uint64_t policy = kTdPolicy | (asked.debug() ? kTdPolicyDebug : 0);
  return own.model == v1::ENCRYPTION_MODEL_INTEL_TDX && kept.policy() == policy &&
         kept.mr_config_id() == asked.mr_config_id() && kept.mr_owner() == asked.mr_owner() &&
         kept.mr_owner_config() == asked.mr_owner_config() &&
         own.ownership->request_digest == digest_;
}

absl::Status DefineOperation::CheckMatchesRequest(const DefinedDomain& own) const {
  if (MatchesRequest(own)) return absl::OkStatus();
  return absl::InternalError(absl::StrCat("domain ", request_.domain().uuid(),
                                          ": libvirt did not keep the launch security that it was "
                                          "given; its version may not know intel-tdx in full"));
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
  return Started(std::move(domain), *own.ownership, witness.RecordAt(dependencies_.clock->Wall()));
}

// The guest is there, whatever becomes of the notes on it: without them its reference values are
// said to be of a later moment than its start.
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

// Takes back this call's own definition. Where the connection was lost the domain may well run: it
// is left as it is, and a repeat of the request settles it.
absl::Status DefineOperation::Undo(const absl::Status& failure) const {
  if (absl::IsUnavailable(failure)) return failure;
  const absl::Status undone = dependencies_.hypervisor->Undefine(request_.domain().uuid());
  if (undone.ok()) return failure;
  return WithContext(failure, absl::StrCat("the definition of ", request_.domain().uuid(),
                                           " was left behind (", undone.message(), ")"));
}

absl::StatusOr<v1::DefineTdxDomainResponse> DefineOperation::Answer(
    const DomainDescription& domain) const {
  const auto defined = dependencies_.definitions->Read(domain.uuid, domain.xml);
  if (!defined->ok()) return absl::InternalError(defined->status().message());
  v1::DefineTdxDomainResponse answer = AnswerBase();
  answer.set_name(Printable(domain.name));
  answer.set_state(domain.state);
  answer.set_running(RowOf(domain.state).runs);
  answer.set_transient(domain.definition.empty());
  answer.set_xml(domain.definition.empty() ? domain.xml : domain.definition);
  v1::LaunchReference& reference = *answer.mutable_reference();
  reference = ReferenceOf(*dependencies_.files, domain, **defined);
  const v1::TdxFirmware measured = dependencies_.state->Current()->capabilities.tdx_firmware();
  if (measured.sha384() == reference.firmware_sha384()) reference.set_mrtd(measured.mrtd());
  return answer;
}

v1::DefineTdxDomainResponse DefineOperation::AnswerBase() const {
  v1::DefineTdxDomainResponse answer;
  answer.set_uuid(request_.domain().uuid());
  answer.set_name(request_.domain().name());
  answer.set_request_digest(digest_);
  *answer.mutable_warnings() = admission_.verdict.warnings();
  WarnOfHugePages(request_.domain().memory_backing(), answer);
  if (request_.launch().debug()) WarnOfDebug(answer);
  const auto snapshot = dependencies_.state->Current();
  if (admission_.names_secure_boot) {
    WarnOfEnrolledKeys(snapshot->capabilities.tdx_firmware(), answer);
  }
  answer.set_simulated(snapshot->simulated);
  return answer;
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

// What libvirt chooses for this request, as far as the facts say it.
std::string DefineOperation::KnownFirmware() const {
  const auto snapshot = dependencies_.state->Current();
  const v1::TdxFirmware& firmware = snapshot->capabilities.tdx_firmware();
  const bool is_certain = admission_.secure_boot == SecureBoot::kUnstated ||
                          (admission_.secure_boot == SecureBoot::kOn && firmware.secure_boot());
  return is_certain && IsXmlText(firmware.path()) ? firmware.path() : "";
}

}  // namespace ccplace
