#include "lib/lifecycle/tdx_lifecycle.h"

#include <utility>

#include "lib/lifecycle/define_operation.h"
#include "lib/lifecycle/undefine_operation.h"

namespace ccplace {

TdxLifecycle::TdxLifecycle(LifecycleDependencies dependencies)
    : dependencies_(std::move(dependencies)), slow_(dependencies_.policy.slow_limit) {}

absl::StatusOr<v1::DefineTdxDomainResponse> TdxLifecycle::Define(
    const v1::DefineTdxDomainRequest& request, const std::string& digest, Deadline deadline) {
  auto operation = DefineOperation::Create(dependencies_, claims_, request, digest, deadline);
  if (!operation.ok()) return operation.status();
  if (request.dry_run()) return operation->DryRun();
  const std::string& uuid = request.domain().uuid();
  if (!request.start()) {
    const auto held = Lock(uuid, deadline);
    return held.ok() ? operation->Run() : held.status();
  }
  const auto slot = slow_.Acquire();
  if (!slot.ok()) return slot.status();
  const auto held = locks_.Lock(uuid, deadline);
  return held.ok() ? operation->Run() : held.status();
}

absl::StatusOr<v1::UndefineTdxDomainResponse> TdxLifecycle::Undefine(
    const v1::UndefineTdxDomainRequest& request, Deadline deadline) {
  const absl::Status bounds = CheckRemoval(request);
  if (!bounds.ok()) return bounds;
  if (request.stop() && !locks_.TryLock(request.uuid()).ok()) {
    return StopAndRemove(request, deadline);
  }
  const auto held = Lock(request.uuid(), deadline);
  if (!held.ok()) return held.status();
  return Remove(dependencies_, request, deadline);
}

// QEMU can wait for a peer for as long as it likes (a vhost-user switch that is to connect), and
// the call that starts it with it. Stopped meanwhile, that call fails and frees the uuid: so this
// one waits without a slot. Where there was nothing to stop it waits as any other.
absl::StatusOr<v1::UndefineTdxDomainResponse> TdxLifecycle::StopAndRemove(
    const v1::UndefineTdxDomainRequest& request, Deadline deadline) {
  const auto ended = EndStart(dependencies_, request, deadline);
  if (!ended.ok()) return ended.status();
  const auto held = *ended ? locks_.Lock(request.uuid(), deadline) : Lock(request.uuid(), deadline);
  if (!held.ok()) return held.status();
  auto answer = Remove(dependencies_, request, deadline);
  if (answer.ok() && *ended) {
    answer->set_already_gone(false);
    answer->set_stopped(true);
  }
  return answer;
}

// The uuid's lock; a call that must wait for it holds a slot meanwhile.
absl::StatusOr<UuidLocks::Held> TdxLifecycle::Lock(const std::string& uuid, Deadline deadline) {
  auto held = locks_.TryLock(uuid);
  if (held.ok()) return held;
  const auto slot = slow_.Acquire();
  if (!slot.ok()) return slot.status();
  return locks_.Lock(uuid, deadline);
}

}  // namespace ccplace
