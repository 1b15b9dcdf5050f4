#include "client/sync/sync/overwritten_children.h"

#include <algorithm>
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
        "somebody else keeps writing other ",
        step.kind == StepKind::kSetTraits ? "traits" : "figures", " to ",
        Quoted(step.provider_name), ", which are left alone; not done: ", step.why,
        " Find out who (Placement's log names user and address; is there a second ccplace-sync, or "
        "another host, for this node?), then `systemctl reload ccplace-sync` to have them set.");
  }
}

}  // namespace

void OverwrittenChildren::OnRound() {
  held_back_.clear();
  for (auto& [part, changes] : changes_) changes.in_this_round = false;
}

uint64_t OverwrittenChildren::HoldBack(Plan& plan) {
  uint64_t counted = 0;
  std::vector<Step> steps = std::exchange(plan.steps, {});
  for (Step& step : steps) {
    if (MayWrite(step, counted)) {
      plan.steps.push_back(std::move(step));
    } else {
      SkipOverwritten(step, plan);
      held_back_.insert({step.provider_uuid, step.kind});
    }
  }
  return counted;
}

bool OverwrittenChildren::SetsBack(const Step& step, const Written& written) {
  if (step.kind == StepKind::kSetInventory) return written.keys == step.keys;
  return std::includes(written.traits.begin(), written.traits.end(), step.traits.begin(),
                       step.traits.end());
}

bool OverwrittenChildren::MayWrite(Step& step, uint64_t& counted) {
  if (step.kind == StepKind::kCreateProvider) written_.erase(step.provider_uuid);
  const auto known = written_.find(step.provider_uuid);
  const bool may_set_back =
      step.kind == StepKind::kSetInventory || step.kind == StepKind::kSetTraits;
  if (!may_set_back || known == written_.end()) return true;
  Changes& changes = changes_[{step.provider_uuid, step.kind}];
  if (SetsBack(step, known->second)) {
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

// Where they agree there is nothing to set back any more.
void OverwrittenChildren::RememberPart(const Part& part) {
  const auto changes = changes_.find(part);
  const bool gave_in = changes != changes_.end() && changes->second.count > kChangesForgiven;
  if (gave_in) changes_.erase(changes);
}

void OverwrittenChildren::Remember(const ObservedTree& tree) {
  for (const ObservedProvider& child : tree.children) {
    const Part figures{child.uuid, StepKind::kSetInventory};
    const Part traits{child.uuid, StepKind::kSetTraits};
    const bool figures_stand = held_back_.count(figures) == 0;
    const bool traits_stand = held_back_.count(traits) == 0;
    if (figures_stand) RememberPart(figures);
    if (traits_stand) RememberPart(traits);
    if (!figures_stand && !traits_stand) continue;
    if (!IsOurs(tree.root, child) || !child.keys.has_value()) {
      if (figures_stand) written_.erase(child.uuid);
      continue;
    }
    Written& written = written_[child.uuid];
    if (figures_stand) written.keys = *child.keys;
    if (traits_stand) written.traits = child.traits;
  }
}

}  // namespace ccplace::sync
