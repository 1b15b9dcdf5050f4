#include "client/sync/sync/overwritten_children.h"

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "lib/base/text.h"

namespace ccplace::sync {
namespace {

constexpr int kChangesForgiven = 2;
// Two programs that are about to be one, as in an upgrade, can differ for a moment.
constexpr uint64_t kLooksRemembered = 50;

void SkipOverwritten(const Step& step, Plan& plan) {
  for (ChildStatus& note : plan.notes) {
    if (note.name != step.provider_name) continue;
    note.state = ChildState::kOverwritten;
    note.why = absl::StrCat(
        "somebody else keeps writing other figures to ", Quoted(step.provider_name),
        ", which are left alone; not done: ", step.why,
        " Find out who (Placement's log names user and address; is there a second ccplace-sync, or "
        "another host, for this node?), then `systemctl reload ccplace-sync` to have them set.");
  }
}

}  // namespace

void OverwrittenChildren::OnRound() {
  held_back_.clear();
  for (auto& [uuid, changes] : changes_) changes.in_this_round = false;
}

uint64_t OverwrittenChildren::HoldBack(Plan& plan) {
  uint64_t counted = 0;
  std::vector<Step> steps = std::exchange(plan.steps, {});
  for (Step& step : steps) {
    if (MayWrite(step, counted)) {
      plan.steps.push_back(std::move(step));
    } else {
      SkipOverwritten(step, plan);
      held_back_.insert(step.provider_uuid);
    }
  }
  return counted;
}

bool OverwrittenChildren::MayWrite(Step& step, uint64_t& counted) {
  if (step.kind == StepKind::kCreateProvider) written_.erase(step.provider_uuid);
  const auto known = written_.find(step.provider_uuid);
  if (step.kind != StepKind::kSetInventory || known == written_.end()) return true;
  Changes& changes = changes_[step.provider_uuid];
  if (known->second == step.keys) {
    Count(changes, counted);
    absl::StrAppend(&step.why, " Somebody else changed it.");
  }
  return changes.count <= kChangesForgiven;
}

void OverwrittenChildren::Count(Changes& changes, uint64_t& counted) const {
  const bool gave_in = changes.count > kChangesForgiven;
  if (gave_in || std::exchange(changes.in_this_round, true)) return;
  if (looks_ - changes.at_look > kLooksRemembered) changes.count = 0;
  ++changes.count;
  changes.at_look = looks_;
  ++counted;
}

void OverwrittenChildren::Remember(const ObservedTree& tree) {
  for (const ObservedProvider& child : tree.children) {
    if (held_back_.count(child.uuid) > 0) continue;
    const auto changes = changes_.find(child.uuid);
    const bool agrees = changes != changes_.end() && changes->second.count > kChangesForgiven;
    if (agrees) changes_.erase(changes);  // There is nothing to set back any more.
    if (IsOurs(tree.root, child) && child.keys.has_value()) {
      written_[child.uuid] = *child.keys;
    } else {
      written_.erase(child.uuid);
    }
  }
}

}  // namespace ccplace::sync
