// What becomes of a request whose uuid or name libvirt has a domain of.
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "lib/base/status.h"
#include "lib/base/text.h"
#include "lib/hypervisor/domain_state.h"
#include "lib/lifecycle/define_operation.h"
#include "lib/lifecycle/differences.h"
#include "lib/lifecycle/owned_domain.h"
#include "lib/lifecycle/reasons.h"

namespace ccplace {
namespace {

absl::Status NotOurs(const absl::Status& status) {
  if (ReasonOf(status) != reasons::kForeignDomain) return status;
  return WithReason(
      absl::AlreadyExistsError(absl::StrCat(status.message(), ", or define another uuid")),
      reasons::kForeignDomain);
}

}  // namespace

absl::StatusOr<v1::DefineTdxDomainResponse> DefineOperation::Repeat(
    DomainDescription domain) const {
  const auto own = ReadOwnedDomain(domain, *dependencies_.parsed_domains);
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

// Compares with XML built from this request. Paths that cannot be resolved any more are taken as
// the request has them.
absl::StatusOr<std::vector<v1::DomainDifference>> DefineOperation::Differences(
    const DomainDescription& domain) const {
  const auto resolved = Resolve();
  const v1::DefineTdxDomainRequest& asked = resolved.ok() ? *resolved : request_;
  const auto xml = BuildDomainXml(asked, PolicyInForce(asked));
  if (!xml.ok()) return xml.status();
  return FindDifferences(*xml, domain);
}

// libvirt refuses a name that is in use, so the cause is looked up only after a refusal.
absl::Status DefineOperation::ExplainConflict(const absl::Status& refusal) const {
  const auto other = dependencies_.hypervisor->FindByName(request_.domain().name());
  if (!other.ok() || other->uuid == request_.domain().uuid()) return refusal;
  return WithReason(absl::AlreadyExistsError(absl::StrCat(
                        "name ", Quoted(request_.domain().name()), " belongs to domain ",
                        Printable(other->uuid), "; use another name")),
                    reasons::kNameTaken);
}

// libvirt silently drops what it does not know: what makes the guest confidential must be in the
// definition that it kept.
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

}  // namespace ccplace
