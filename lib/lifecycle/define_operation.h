// One call of TdxLifecycle::Define, step by step.
#ifndef CCPLACE_LIB_LIFECYCLE_DEFINE_OPERATION_H_
#define CCPLACE_LIB_LIFECYCLE_DEFINE_OPERATION_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "ccplace/v1/request.pb.h"
#include "lib/domain/domain_xml.h"
#include "lib/lifecycle/admission.h"
#include "lib/lifecycle/key_claims.h"
#include "lib/lifecycle/tdx_lifecycle.h"

namespace ccplace {

// A request that was admitted and may be carried out. Not thread-safe: one call's own. Refers to
// the dependencies, the claims and the request, which must outlive it.
class DefineOperation {
 public:
  // Checks the request against the rules and the policy, without a look at the host.
  static absl::StatusOr<DefineOperation> Create(const LifecycleDependencies& dependencies,
                                                KeyClaims& claims,
                                                const v1::DefineTdxDomainRequest& request,
                                                std::string digest,
                                                TdxLifecycle::Deadline deadline);

  // What would be done, and whether libvirt would: it translates the domain, and nothing changes.
  absl::StatusOr<v1::DefineTdxDomainResponse> DryRun() const;

  // Makes the domain, or finds it made. The uuid is locked by the caller.
  absl::StatusOr<v1::DefineTdxDomainResponse> Run() const;

 private:
  DefineOperation(const LifecycleDependencies& dependencies, KeyClaims& claims,
                  const v1::DefineTdxDomainRequest& request, std::string digest,
                  TdxLifecycle::Deadline deadline, AdmissionResult admission);

  absl::StatusOr<v1::DefineTdxDomainResponse> Repeat(DomainDescription domain) const;
  absl::StatusOr<v1::DefineTdxDomainResponse> Make() const;

  absl::StatusOr<std::string> PlanXml() const;
  absl::StatusOr<v1::DefineTdxDomainRequest> ResolveReady() const;
  absl::StatusOr<std::string> AskLibvirt(const v1::DefineTdxDomainRequest& resolved) const;
  void SetFirmware(const std::string& path, v1::LaunchReference& reference) const;
  absl::StatusOr<v1::DefineTdxDomainRequest> Resolve() const;
  absl::Status CheckPaths(const v1::DefineTdxDomainRequest& resolved) const;
  absl::Status CheckReadiness(const v1::DefineTdxDomainRequest& resolved) const;
  absl::StatusOr<DomainDescription> Complete(const DomainDescription& domain) const;
  absl::StatusOr<DomainDescription> NoteFirmware(const DomainDescription& domain,
                                                 DefinedDomain& own) const;
  std::string KnownFirmware() const;
  absl::StatusOr<DomainDescription> StartExisting(DomainDescription domain,
                                                  const DefinedDomain& own) const;
  absl::StatusOr<std::vector<v1::DomainDifference>> Differences(
      const DomainDescription& domain) const;
  absl::Status ExplainConflict(const absl::Status& refusal) const;
  bool MatchesRequest(const DefinedDomain& own) const;
  absl::Status CheckMatchesRequest(const DefinedDomain& own) const;
  absl::StatusOr<DomainDescription> Start(DomainDescription domain, const DefinedDomain& own) const;
  DomainDescription Started(DomainDescription domain, DomainOwnership ownership,
                            std::optional<LaunchRecord> launch) const;
  absl::Status Undo(const absl::Status& failure) const;
  absl::StatusOr<v1::DefineTdxDomainResponse> Answer(const DomainDescription& domain) const;
  v1::DefineTdxDomainResponse AnswerBase() const;
  const std::string& QuoteServicePath(const v1::DefineTdxDomainRequest& resolved) const;
  DomainPolicy PolicyInForce(const v1::DefineTdxDomainRequest& resolved) const;

  const LifecycleDependencies& dependencies_;
  KeyClaims& claims_;
  const v1::DefineTdxDomainRequest& request_;
  const std::string digest_;
  const TdxLifecycle::Deadline deadline_;
  const AdmissionResult admission_;
};

}  // namespace ccplace

#endif  // CCPLACE_LIB_LIFECYCLE_DEFINE_OPERATION_H_
