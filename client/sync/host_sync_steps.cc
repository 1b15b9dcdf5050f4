// The writes of a round. Each leaves in tree_ what Placement holds then.
#include <algorithm>

#include "client/sync/host_sync.h"

namespace ccplace::sync {

absl::Status HostSync::Execute(const Plan& plan, SyncReport& report) {
  for (const Step& step : plan.steps) {
    absl::Status done = options_.dry_run ? absl::OkStatus() : Do(step);
    if (!done.ok()) return done;
    report.steps.push_back(step);
  }
  return absl::OkStatus();
}

absl::Status HostSync::Do(const Step& step) {
  if (step.kind == StepKind::kCreateProvider) return DoCreate(step);
  if (step.kind == StepKind::kDeleteProvider) return DoDelete(step);
  ObservedProvider* child = FindChild(step.provider_uuid);
  if (child == nullptr) return absl::InternalError("a step on a child that was never read");
  return step.kind == StepKind::kSetTraits ? DoSetTraits(step, *child)
                                           : DoSetInventory(step, *child);
}

absl::Status HostSync::DoCreate(const Step& step) {
  const absl::StatusOr<uint64_t> generation =
      placement_->CreateProvider(step.provider_uuid, step.provider_name, tree_->root.uuid);
  if (!generation.ok()) return generation.status();
  ObservedProvider made;
  made.uuid = step.provider_uuid;
  made.name = step.provider_name;
  made.generation = *generation;
  tree_->children.push_back(made);
  return absl::OkStatus();
}

// A removal names no generation, so what it rests on is looked at once more. An allocation made
// even after that makes Placement refuse.
absl::Status HostSync::DoDelete(const Step& step) {
  ObservedProvider* child = FindChild(step.provider_uuid);
  if (child == nullptr) return absl::InternalError("a removal of a child that was never read");
  absl::Status done = RefreshChild(*placement_, *child);
  if (!done.ok()) return done;
  if (child->generation != step.generation || child->allocated > 0) {
    return absl::AbortedError("somebody changed the provider that was to be removed");
  }
  done = placement_->DeleteProvider(step.provider_uuid);
  if (!done.ok()) return done;
  auto& children = tree_->children;
  children.erase(
      std::remove_if(children.begin(), children.end(),
                     [&step](const auto& one) { return one.uuid == step.provider_uuid; }),
      children.end());
  return absl::OkStatus();
}

absl::Status HostSync::DoSetTraits(const Step& step, ObservedProvider& child) {
  const absl::StatusOr<uint64_t> generation =
      placement_->SetTraits(child.uuid, child.generation, step.traits);
  if (absl::IsInvalidArgument(generation.status())) {
    absl::Status learnt = LearnTraits(step.traits);
    return learnt.ok() ? generation.status() : learnt;
  }
  if (!generation.ok()) return generation.status();
  child.generation = *generation;
  child.traits = step.traits;
  return absl::OkStatus();
}

absl::Status HostSync::DoSetInventory(const Step& step, ObservedProvider& child) {
  const absl::StatusOr<uint64_t> generation =
      placement_->SetInventory(child.uuid, child.generation, step.keys, step.has_inventory);
  if (!generation.ok()) return generation.status();
  child.generation = *generation;
  child.keys = step.keys;
  child.usual_units = true;
  return absl::OkStatus();
}

}  // namespace ccplace::sync
