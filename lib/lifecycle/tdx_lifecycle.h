// A trust domain's life: made, started, removed.
#ifndef CCPLACE_LIB_LIFECYCLE_TDX_LIFECYCLE_H_
#define CCPLACE_LIB_LIFECYCLE_TDX_LIFECYCLE_H_

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "ccplace/v1/domain.pb.h"
#include "lib/base/clock.h"
#include "lib/capability/monitor/host_state.h"
#include "lib/domain/parsed_domain_cache.h"
#include "lib/host/host_files.h"
#include "lib/hypervisor/hypervisor.h"
#include "lib/lifecycle/concurrency.h"
#include "lib/lifecycle/key_claims.h"
#include "lib/lifecycle/path_policy.h"

namespace ccplace {

// What the host's operator decided.
struct LifecyclePolicy {
  v1::HostPolicy host;
  std::string quote_service_path;  // Empty: libvirt's default.
  PathPolicy paths;
  size_t slow_limit = 2;        // Starts, and calls that wait for one, at one time, from 1 up.
  std::string service_version;  // The daemon's own; kept in the metadata of what it defines.
};

// What a life's steps are taken with. None of the pointers may be null.
struct LifecycleDependencies {
  LifecyclePolicy policy;
  std::shared_ptr<Hypervisor> hypervisor;
  std::shared_ptr<const HostFiles> files;
  std::shared_ptr<HostState> state;
  std::shared_ptr<ParsedDomainCache> parsed_domains;  // May be shared with readers of the host.
  const Clock* clock = &Clock::System();
};

class DefineOperation;

// Defines and undefines trust domains. Thread-safe; calls for one uuid wait for each other. Every
// call blocks for as long as libvirt does: call it from a WorkPool. host_service.proto states the
// codes; errors that a program would branch on carry a reason (reasons.h).
class TdxLifecycle {
 public:
  using Deadline = std::chrono::steady_clock::time_point;

  explicit TdxLifecycle(LifecycleDependencies dependencies);

  // Makes the trust domain that `request` asks for; `digest` is its RequestDigest. No step that
  // changes the host is begun past `deadline`.
  absl::StatusOr<v1::DefineTdxDomainResponse> Define(const v1::DefineTdxDomainRequest& request,
                                                     const std::string& digest, Deadline deadline);

  // Removes a trust domain that Define made; the same goes for `deadline`.
  absl::StatusOr<v1::UndefineTdxDomainResponse> Undefine(
      const v1::UndefineTdxDomainRequest& request, Deadline deadline);

 private:
  absl::StatusOr<UuidLocks::Held> Lock(const std::string& uuid, Deadline deadline);
  absl::StatusOr<v1::UndefineTdxDomainResponse> StopAndRemove(
      const v1::UndefineTdxDomainRequest& request, Deadline deadline);

  const LifecycleDependencies dependencies_;
  UuidLocks locks_;
  ConcurrencyLimiter slow_;
  KeyClaims claims_;
};

}  // namespace ccplace

#endif  // CCPLACE_LIB_LIFECYCLE_TDX_LIFECYCLE_H_
