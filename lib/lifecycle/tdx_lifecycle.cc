#include "lib/lifecycle/tdx_lifecycle.h"

#include <utility>

#include "lib/lifecycle/definition.h"
#include "lib/lifecycle/removal.h"

namespace ccplace {

TdxLifecycle::TdxLifecycle(LifecycleRooms rooms)
    : rooms_(std::move(rooms)), starts_(rooms_.policy.start_limit) {}

absl::StatusOr<v1::DefineTdxDomainResponse> TdxLifecycle::Define(
    const v1::DefineTdxDomainRequest& request, const std::string& digest, Deadline deadline) {
  auto definition = Definition::Judge(rooms_, request, digest, deadline);
  if (!definition.ok()) return definition.status();
  if (request.dry_run()) return definition->DryRun();
  if (!request.start()) return Run(*definition, request.domain().uuid(), deadline);
  // Taken before the lock: repeats of a start that takes long do not queue up behind it.
  const auto slot = starts_.Take();
  if (!slot.ok()) return slot.status();
  return Run(*definition, request.domain().uuid(), deadline);
}

absl::StatusOr<v1::DefineTdxDomainResponse> TdxLifecycle::Run(const Definition& definition,
                                                              const std::string& uuid,
                                                              Deadline deadline) {
  const auto held = locks_.Lock(uuid, deadline);
  if (!held.ok()) return held.status();
  return definition.Run();
}

absl::StatusOr<v1::UndefineTdxDomainResponse> TdxLifecycle::Undefine(
    const v1::UndefineTdxDomainRequest& request, Deadline deadline) {
  const absl::Status bounds = CheckRemoval(request);
  if (!bounds.ok()) return bounds;
  bool ended = false;
  if (request.stop() && IsAtWork(request.uuid())) {
    const auto stopped = EndStart(rooms_, request);
    if (!stopped.ok()) return stopped.status();
    ended = *stopped;
  }
  const auto held = locks_.Lock(request.uuid(), deadline);
  if (!held.ok()) return held.status();
  auto answer = Remove(rooms_, request, deadline);
  if (answer.ok() && ended) {
    answer->set_already_gone(false);
    answer->set_stopped(true);
  }
  return answer;
}

// QEMU can wait for a peer for as long as it likes (a vhost-user switch that is to connect), and
// the call that starts it with it. Stopped meanwhile, that call fails and frees the uuid.
bool TdxLifecycle::IsAtWork(const std::string& uuid) {
  return !locks_.Lock(uuid, std::chrono::steady_clock::now()).ok();
}

}  // namespace ccplace
