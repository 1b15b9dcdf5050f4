#include "client/sync/sync/removed_children.h"

#include <algorithm>

#include "lib/placement/plan.h"

namespace ccplace::sync {
namespace {

constexpr int kRemovalsForgiven = 1;

bool Holds(const ObservedTree& tree, const std::string& uuid) {
  return std::any_of(tree.children.begin(), tree.children.end(),
                     [&uuid](const ObservedProvider& child) { return child.uuid == uuid; });
}

}  // namespace

uint64_t RemovedChildren::Compare(const ObservedTree& tree) {
  if (tree.root.uuid != root_uuid_) {
    removals_.clear();
    known_.clear();
    return 0;
  }
  uint64_t removed = 0;
  for (auto uuid = known_.begin(); uuid != known_.end();) {
    if (Holds(tree, *uuid)) {
      ++uuid;
      continue;
    }
    Removals& removals = removals_[*uuid];
    ++removals.count;
    removals.at_look = looks_;
    ++removed;
    uuid = known_.erase(uuid);
  }
  return removed;
}

void RemovedChildren::Remember(const ObservedTree& tree) {
  root_uuid_ = tree.root.uuid;
  known_.clear();
  for (const ObservedProvider& child : tree.children) {
    if (IsOurs(tree.root, child) && child.keys.has_value()) known_.insert(child.uuid);
  }
}

RemovalCounts RemovedChildren::Counts() const {
  RemovalCounts counts;
  counts.root_uuid = removals_.empty() ? "" : root_uuid_;
  for (const auto& [uuid, removals] : removals_) counts.removals[uuid] = removals.count;
  return counts;
}

void RemovedChildren::Restore(const RemovalCounts& counts) {
  root_uuid_ = counts.root_uuid;
  for (const auto& [uuid, count] : counts.removals) removals_[uuid] = {count, 0};
}

std::string RemovedChildren::WhyNot(const std::string& uuid) const {
  const auto found = removals_.find(uuid);
  if (found == removals_.end()) return "";
  if (found->second.count > kRemovalsForgiven) {
    return "somebody removed it again, so it is left alone: find out who (Placement's log names "
           "the user), then `systemctl reload ccplace-sync` to have it made again";
  }
  if (found->second.at_look < looks_) return "";
  return "somebody else removed it; it is made again at the next look, and left alone if it is "
         "removed once more";
}

}  // namespace ccplace::sync
