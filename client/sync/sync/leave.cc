#include "client/sync/sync/leave.h"

#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "lib/base/text.h"
#include "lib/placement/key_figures.h"
#include "lib/placement/plan.h"

namespace ccplace::sync {
namespace {

// Ours, and why they cannot go.
struct Leaving {
  std::vector<ObservedProvider> ours;
  LeaveReport report;
};

absl::Status InTheWay(const ObservedProvider& child, size_t consumers) {
  const std::string what =
      consumers > 0 ? absl::StrCat("keys of it are allocated to ", consumers, " consumers")
                    : std::string("somebody else keeps an inventory on it");
  return absl::FailedPreconditionError(absl::StrCat(Quoted(child.name),
                                                    " stays, and so does every other: ", what,
                                                    "; release them, and ask again"));
}

absl::Status AddChild(PlacementRest& placement, const ObservedProvider& child, Leaving& leaving) {
  absl::StatusOr<std::vector<std::string>> consumers = placement.Consumers(child.uuid);
  if (!consumers.ok()) return consumers.status();
  if (!consumers->empty() || child.other_inventories) {
    leaving.report.status.Update(InTheWay(child, consumers->size()));
  }
  leaving.ours.push_back(child);
  leaving.report.children.push_back({child.name, child.uuid, *std::move(consumers)});
  return absl::OkStatus();
}

absl::StatusOr<Leaving> Find(PlacementRest& placement, const RootQuery& query) {
  const absl::StatusOr<std::optional<ObservedTree>> tree = ReadTree(placement, query);
  if (!tree.ok()) return tree.status();
  if (!tree->has_value()) {
    return absl::NotFoundError(absl::StrCat("Placement has no resource provider ",
                                            query.uuid.empty() ? Quoted(query.name) : query.uuid));
  }
  Leaving leaving;
  leaving.report.owner = (*tree)->root.owner;
  for (const ObservedProvider& child : (*tree)->children) {
    if (!IsOurs((*tree)->root, child)) continue;
    absl::Status added = AddChild(placement, child, leaving);
    if (!added.ok()) return added;
  }
  return leaving;
}

// Nothing can be allocated from it any more. ABORTED: somebody changed it since it was read.
absl::Status CloseChild(PlacementRest& placement, const ObservedProvider& child) {
  if (!child.keys.has_value()) return absl::OkStatus();
  return placement
      .SetInventory(child.uuid, child.generation, child.resource_class, ClosedFigures(*child.keys),
                    true)
      .status();
}

}  // namespace

LeaveReport Leave(PlacementRest& placement, const RootQuery& query, bool dry_run) {
  absl::StatusOr<Leaving> found = Find(placement, query);
  if (!found.ok()) return {found.status(), {}};
  LeaveReport& report = found->report;
  if (dry_run || !report.status.ok()) return std::move(report);
  for (const ObservedProvider& child : found->ours) {
    report.status = CloseChild(placement, child);
    if (!report.status.ok()) return std::move(report);
  }
  for (LeavingChild& child : report.children) {
    report.status = placement.DeleteProvider(child.uuid);
    if (!report.status.ok()) break;
    child.removed = true;
  }
  return std::move(report);
}

}  // namespace ccplace::sync
