#include "lib/lifecycle/tdx_lifecycle.h"

#include <utility>

#include "lib/lifecycle/definition.h"
#include "lib/lifecycle/removal.h"

namespace ccplace {

TdxLifecycle::TdxLifecycle(LifecycleRooms rooms) : rooms_(std::move(rooms)) {}

absl::StatusOr<v1::DefineTdxDomainResponse> TdxLifecycle::Define(
    const v1::DefineTdxDomainRequest& request, Deadline deadline) {
  auto definition = Definition::Judge(rooms_, request, deadline);
  if (!definition.ok()) return definition.status();
  if (request.dry_run()) return definition->DryRun();
  const auto held = locks_.Lock(request.domain().uuid(), deadline);
  if (!held.ok()) return held.status();
  return definition->Run();
}

absl::StatusOr<v1::UndefineTdxDomainResponse> TdxLifecycle::Undefine(
    const v1::UndefineTdxDomainRequest& request, Deadline deadline) {
  const absl::Status bounds = CheckRemoval(request);
  if (!bounds.ok()) return bounds;
  const auto held = locks_.Lock(request.uuid(), deadline);
  if (!held.ok()) return held.status();
  return Remove(rooms_, request, deadline);
}

}  // namespace ccplace
