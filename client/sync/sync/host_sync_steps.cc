// The writes of a round. Each leaves in tree_ what Placement holds then.
#include <algorithm>
#include <set>

#include "absl/strings/str_cat.h"
#include "client/sync/sync/host_sync.h"
#include "lib/base/status.h"
#include "lib/base/text.h"

namespace ccplace::sync {
namespace {

constexpr char kDuplicateName[] = "placement.duplicate_name";

// Whether a write's failure says something of that one provider, and nothing of the next.
bool IsOfOneProvider(const absl::Status& status) {
  return absl::IsAborted(status) || absl::IsNotFound(status) || absl::IsInvalidArgument(status) ||
         absl::IsAlreadyExists(status);
}

void SkipNotOwned(const Step& step, const absl::Status& why, SyncReport& report) {
  for (ChildStatus& note : report.notes) {
    if (note.name != step.provider_name) continue;
    note.state = ChildState::kForeign;
    note.why = std::string(why.message());
  }
}

}  // namespace

absl::Status HostSync::Execute(const Plan& plan, SyncReport& report) {
  absl::Status first;
  std::set<std::string> given_up;
  for (const Step& step : plan.steps) {
    if (given_up.count(step.provider_uuid) > 0) continue;
    absl::Status done = Do(step);
    if (done.ok()) {
      report.steps.push_back(step);
      continue;
    }
    given_up.insert(step.provider_uuid);
    if (absl::IsAlreadyExists(done)) {
      SkipNotOwned(step, done, report);
    } else {
      first.Update(done);
    }
    if (IsOfOneProvider(done)) continue;
    overwritten_.Forget(step.provider_uuid);
    break;
  }
  return first;
}

absl::Status HostSync::CheckNameIsFree(const Step& step) {
  const auto row = placement_->FindByName(step.provider_name);
  if (!row.ok()) return row.status();
  if (!row->has_value()) return CheckUuidIsFree(step);
  if ((*row)->uuid == step.provider_uuid && (*row)->parent_uuid == tree_->root.uuid) {
    return absl::OkStatus();
  }
  return absl::AlreadyExistsError(absl::StrCat(
      Quoted(step.provider_name), " is the name of provider ", Printable((*row)->uuid), ", ",
      (*row)->parent_uuid.empty() ? "a root"
                                  : absl::StrCat("below ", Printable((*row)->parent_uuid)),
      ": somebody else made it, and ccplace leaves it alone until it is gone."));
}

absl::Status HostSync::CheckUuidIsFree(const Step& step) {
  const auto row = placement_->FindByUuid(step.provider_uuid);
  if (!row.ok()) return row.status();
  if (!row->has_value()) return absl::OkStatus();
  return absl::AlreadyExistsError(
      absl::StrCat("somebody renamed it ", Quoted((*row)->name),
                   ", and its keys are not kept up to date: `", "openstack resource provider set ",
                   step.provider_uuid, " --name ", step.provider_name, "`, or remove it."));
}

absl::Status HostSync::Do(const Step& step) {
  if (options_.dry_run) {
    const bool creates = step.kind == StepKind::kCreateProvider;
    return creates ? CheckNameIsFree(step) : absl::OkStatus();
  }
  if (step.kind == StepKind::kCreateProvider) return DoCreate(step);
  if (step.kind == StepKind::kDeleteProvider) return DoDelete(step);
  ObservedProvider* child = FindChild(step.provider_uuid);
  if (child == nullptr) return absl::InternalError("a step on a child that was never read");
  if (step.kind == StepKind::kSetTraits) return DoSetTraits(step, *child);
  if (step.kind == StepKind::kRemoveInventory) return DoRemoveInventory(step, *child);
  return DoSetInventory(step, *child);
}

absl::Status HostSync::DoCreate(const Step& step) {
  const absl::StatusOr<uint64_t> generation =
      placement_->CreateProvider(step.provider_uuid, step.provider_name, tree_->root.uuid);
  if (ReasonOf(generation.status()) == kDuplicateName) {
    absl::Status free = CheckNameIsFree(step);
    if (!free.ok()) return free;
  }
  if (!generation.ok()) return generation.status();
  ObservedProvider made;
  made.uuid = step.provider_uuid;
  made.name = step.provider_name;
  made.resource_class = std::string(KeyClassOf(tree_->root, made.name));
  made.generation = *generation;
  tree_->children.push_back(made);
  return absl::OkStatus();
}

// A removal names no generation, so what it rests on is looked at once more. An allocation made
// even after that makes Placement refuse.
absl::Status HostSync::DoDelete(const Step& step) {
  ObservedProvider* child = FindChild(step.provider_uuid);
  if (child == nullptr) return absl::InternalError("a removal of a child that was never read");
  const absl::StatusOr<TreeChange> look = RefreshChild(*placement_, *child);
  if (!look.ok()) return look.status();
  if (child->generation != step.generation || child->allocated > 0) {
    return absl::AbortedError("somebody changed the provider that was to be removed");
  }
  absl::Status done = placement_->DeleteProvider(step.provider_uuid);
  if (!done.ok()) return done;
  removed_.OnDeleted(step.provider_uuid);
  auto& children = tree_->children;
  children.erase(
      std::remove_if(children.begin(), children.end(),
                     [&step](const auto& one) { return one.uuid == step.provider_uuid; }),
      children.end());
  return absl::OkStatus();
}

// Names no generation, and its answer holds none. Placement refuses it where something is
// allocated.
absl::Status HostSync::DoRemoveInventory(const Step& step, ObservedProvider& child) {
  absl::Status done = placement_->RemoveInventory(child.uuid, step.resource_class);
  if (!done.ok()) return done;
  return RefreshChild(*placement_, child).status();
}

absl::Status HostSync::DoSetTraits(const Step& step, ObservedProvider& child) {
  const absl::StatusOr<uint64_t> generation =
      placement_->SetTraits(child.uuid, child.generation, step.traits);
  if (absl::IsInvalidArgument(generation.status())) {
    absl::Status learnt = ResolveTraitAliases(step.traits);
    return learnt.ok() ? generation.status() : learnt;
  }
  if (!generation.ok()) return generation.status();
  child.generation = *generation;
  child.traits = step.traits;
  return absl::OkStatus();
}

absl::Status HostSync::DoSetInventory(const Step& step, ObservedProvider& child) {
  const absl::StatusOr<uint64_t> generation = placement_->SetInventory(
      child.uuid, child.generation, step.resource_class, step.keys, step.has_inventory);
  if (absl::IsInvalidArgument(generation.status()) && !step.has_inventory) {
    absl::Status learnt = LearnResourceClass(step.resource_class);
    return learnt.ok() ? generation.status() : learnt;
  }
  if (!generation.ok()) return generation.status();
  child.generation = *generation;
  child.keys = step.keys;
  child.usual_units = true;
  return absl::OkStatus();
}

}  // namespace ccplace::sync
