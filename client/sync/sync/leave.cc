#include "client/sync/sync/leave.h"

#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "lib/base/text.h"
#include "lib/placement/key_figures.h"
#include "lib/placement/plan.h"

namespace ccplace::sync {
namespace {

constexpr int kLeaveAttempts = 3;

// Ours, and why they cannot go.
struct Leaving {
  std::vector<ObservedProvider> ours;
  LeaveReport report;
};

std::string WhatIsInTheWay(const ObservedProvider& child, size_t consumers) {
  if (consumers > 0) return absl::StrCat("keys of it are allocated to ", consumers, " consumers");
  return std::string(WhatOthersKeep(child));
}

absl::Status InTheWay(const ObservedProvider& child, absl::string_view what) {
  return absl::FailedPreconditionError(absl::StrCat(Quoted(child.name),
                                                    " stays, and so does every other: ", what,
                                                    "; release or remove them, and ask again"));
}

absl::Status AddChild(PlacementRest& placement, const ObservedProvider& child, Leaving& leaving) {
  absl::StatusOr<std::vector<std::string>> consumers = placement.Consumers(child.uuid);
  if (!consumers.ok()) return consumers.status();
  const std::string what = WhatIsInTheWay(child, consumers->size());
  if (!what.empty()) leaving.report.status.Update(InTheWay(child, what));
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
  const KeyFigures closed = ClosedFigures(*child.keys);
  if (*child.keys == closed) return absl::OkStatus();
  return placement.SetInventory(child.uuid, child.generation, child.resource_class, closed, true)
      .status();
}

absl::Status CloseAll(PlacementRest& placement, Leaving& leaving) {
  for (size_t i = 0; i < leaving.ours.size(); ++i) {
    absl::Status done = CloseChild(placement, leaving.ours[i]);
    if (!done.ok()) return done;
    leaving.report.children[i].closed = true;
  }
  return absl::OkStatus();
}

// Found, and closed where they may go.
Leaving FindAndClose(PlacementRest& placement, const RootQuery& query, bool dry_run) {
  absl::StatusOr<Leaving> found = Find(placement, query);
  if (!found.ok()) return {{}, {found.status(), {}}};
  if (!dry_run && found->report.status.ok()) found->report.status = CloseAll(placement, *found);
  return *std::move(found);
}

// Asking again does not mend it: somebody put something on it after it was looked at.
absl::Status RefusedRemoval(const absl::Status& refusal) {
  return absl::IsAborted(refusal) ? absl::FailedPreconditionError(refusal.message()) : refusal;
}

}  // namespace

LeaveReport Leave(PlacementRest& placement, const RootQuery& query, bool dry_run) {
  Leaving leaving = FindAndClose(placement, query, dry_run);
  for (int more = kLeaveAttempts - 1; more > 0 && absl::IsAborted(leaving.report.status); --more) {
    leaving = FindAndClose(placement, query, dry_run);
  }
  LeaveReport& report = leaving.report;
  if (dry_run || !report.status.ok()) return std::move(report);
  for (LeavingChild& child : report.children) {
    report.status = RefusedRemoval(placement.DeleteProvider(child.uuid));
    if (!report.status.ok()) break;
    child.removed = true;
  }
  return std::move(report);
}

}  // namespace ccplace::sync
