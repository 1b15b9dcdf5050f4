// One call of TdxLifecycle::Undefine, step by step.
#ifndef CCPLACE_LIB_LIFECYCLE_UNDEFINE_OPERATION_H_
#define CCPLACE_LIB_LIFECYCLE_UNDEFINE_OPERATION_H_

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "lib/lifecycle/tdx_lifecycle.h"

namespace ccplace {

// INVALID_ARGUMENT when the uuid is no canonical one.
[[nodiscard]] absl::Status CheckRemoval(const v1::UndefineTdxDomainRequest& request);

// Removes the domain; `request` passed CheckRemoval, and its uuid is locked by the caller.
absl::StatusOr<v1::UndefineTdxDomainResponse> Remove(const LifecycleDependencies& dependencies,
                                                     const v1::UndefineTdxDomainRequest& request,
                                                     TdxLifecycle::Deadline deadline);

// Stops the domain while another call is at work on it, which must have made it; true when it was
// there to be stopped. Fails as ReadOwnedDomain and the hypervisor do.
absl::StatusOr<bool> EndStart(const LifecycleDependencies& dependencies,
                              const v1::UndefineTdxDomainRequest& request,
                              TdxLifecycle::Deadline deadline);

}  // namespace ccplace

#endif  // CCPLACE_LIB_LIFECYCLE_UNDEFINE_OPERATION_H_
