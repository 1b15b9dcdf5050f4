#include "lib/lifecycle/undefine_operation.h"

#include "absl/strings/str_cat.h"
#include "lib/base/status.h"
#include "lib/base/text.h"
#include "lib/base/uuid.h"
#include "lib/domain/ownership.h"
#include "lib/domain/text_rules.h"
#include "lib/hypervisor/domain_state.h"
#include "lib/lifecycle/owned_domain.h"
#include "lib/lifecycle/reasons.h"

namespace ccplace {
namespace {

// The state of the domain that this service made. Asks for no more than QEMU need not answer for:
// one that does not can be what is to be removed. NOT_FOUND when there is none; else fails as
// CheckOwned and the hypervisor do.
absl::StatusOr<v1::DomainState> StateOfOwn(const LifecycleDependencies& dependencies,
                                           const std::string& uuid) {
  const auto metadata = dependencies.hypervisor->FindMetadata(uuid, kOwnershipNamespace);
  if (!metadata.ok()) return metadata.status();
  const absl::Status owned = CheckOwned(uuid, *metadata);
  if (!owned.ok()) return owned;
  return metadata->state;
}

absl::Status StopFirst(const LifecycleDependencies& dependencies,
                       const v1::UndefineTdxDomainRequest& request, v1::DomainState state) {
  if (request.stop()) return dependencies.hypervisor->Stop(request.uuid());
  return WithReason(absl::FailedPreconditionError(
                        absl::StrCat("domain ", request.uuid(), " is ", RowOf(state).word,
                                     ", with its key; stop it first, or set stop")),
                    reasons::kDomainRuns, request.uuid());
}

}  // namespace

absl::Status CheckRemoval(const v1::UndefineTdxDomainRequest& request) {
  if (IsUuid(request.uuid())) return absl::OkStatus();
  return InvalidFieldsError({{"uuid", absl::StrCat(Quoted(request.uuid()),
                                                   " is no canonical lower-case UUID; write it as "
                                                   "\"2f1c0f5e-7c0a-4b0e-9a57-1b1f3f3f0d11\"")}});
}

absl::StatusOr<bool> EndStart(const LifecycleDependencies& dependencies,
                              const v1::UndefineTdxDomainRequest& request,
                              TdxLifecycle::Deadline deadline) {
  absl::Status status = StateOfOwn(dependencies, request.uuid()).status();
  if (status.ok()) status = CheckTimeLeft(*dependencies.clock, deadline, "stopping the domain");
  if (status.ok()) status = dependencies.hypervisor->Stop(request.uuid());
  if (absl::IsNotFound(status)) return false;
  if (!status.ok()) return status;
  return true;
}

absl::StatusOr<v1::UndefineTdxDomainResponse> Remove(const LifecycleDependencies& dependencies,
                                                     const v1::UndefineTdxDomainRequest& request,
                                                     TdxLifecycle::Deadline deadline) {
  v1::UndefineTdxDomainResponse answer;
  answer.set_uuid(request.uuid());
  const auto state = StateOfOwn(dependencies, request.uuid());
  if (absl::IsNotFound(state.status())) {
    answer.set_already_gone(true);
    return answer;
  }
  if (!state.ok()) return state.status();
  absl::Status status = CheckTimeLeft(*dependencies.clock, deadline, "stopping the domain");
  if (status.ok() && RowOf(*state).active) {
    status = StopFirst(dependencies, request, *state);
    answer.set_stopped(status.ok());
  }
  if (status.ok()) status = CheckTimeLeft(*dependencies.clock, deadline, "removing the domain");
  if (status.ok()) status = dependencies.hypervisor->Undefine(request.uuid());
  if (!status.ok()) return status;
  return answer;
}

}  // namespace ccplace
