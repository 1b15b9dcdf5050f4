#include "lib/placement/plan.h"

#include <algorithm>
#include <iterator>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "lib/base/text.h"
#include "lib/placement/key_figures.h"
#include "lib/placement/named_uuid.h"

namespace ccplace {
namespace {

bool Has(const std::vector<std::string>& traits, absl::string_view trait) {
  return std::find(traits.begin(), traits.end(), trait) != traits.end();
}

const ObservedProvider* FindByName(const ObservedTree& tree, absl::string_view name) {
  const auto found = std::find_if(tree.children.begin(), tree.children.end(),
                                  [name](const auto& child) { return child.name == name; });
  return found == tree.children.end() ? nullptr : &*found;
}

std::string FiguresText(const KeyFigures& keys) {
  return absl::StrCat("total ", keys.total, ", reserved ", keys.reserved);
}

Step StepOn(StepKind kind, const std::string& uuid, const std::string& name, uint64_t generation) {
  Step step;
  step.kind = kind;
  step.provider_uuid = uuid;
  step.provider_name = name;
  step.generation = generation;
  return step;
}

Step TraitsStep(const ObservedProvider& seen, const std::vector<std::string>& missing) {
  Step step = StepOn(StepKind::kSetTraits, seen.uuid, seen.name, seen.generation);
  std::set_union(seen.traits.begin(), seen.traits.end(), missing.begin(), missing.end(),
                 std::back_inserter(step.traits));
  step.why = absl::StrCat("Give ", Quoted(seen.name), " the trait ", absl::StrJoin(missing, ", "),
                          ", by which a scheduler finds it.");
  return step;
}

Step InventoryStep(const ObservedProvider& seen, const KeyFigures& keys, absl::string_view why) {
  Step step = StepOn(StepKind::kSetInventory, seen.uuid, seen.name, seen.generation);
  step.keys = keys;
  step.has_inventory = seen.keys.has_value();
  const std::string was =
      seen.keys.has_value() ? absl::StrCat(" (was ", FiguresText(*seen.keys), ")") : "";
  step.why = absl::StrCat("Set ", kMemEncryptionContext, " of ", Quoted(seen.name), " to ",
                          FiguresText(keys), was, ": ", why, ".");
  return step;
}

// Writes the figures unless they stand there already.
void AddInventory(const ObservedProvider& seen, const KeyFigures& keys, absl::string_view why,
                  Plan& plan) {
  if (seen.usual_units && seen.keys == keys) return;
  plan.steps.push_back(InventoryStep(seen, keys, why));
}

void AddTraits(const ObservedProvider& seen, const ChildProvider& wished, Plan& plan) {
  std::vector<std::string> missing;
  for (const std::string& trait : wished.traits) {
    if (!Has(seen.traits, trait)) missing.push_back(trait);
  }
  std::sort(missing.begin(), missing.end());
  if (!missing.empty()) plan.steps.push_back(TraitsStep(seen, missing));
}

ObservedProvider Create(const ChildProvider& wished, Plan& plan) {
  Step step = StepOn(StepKind::kCreateProvider, wished.uuid, wished.name, 0);
  step.why = absl::StrCat("Create ", Quoted(wished.name), ": ", wished.reason, ".");
  plan.steps.push_back(step);
  ObservedProvider made;
  made.uuid = wished.uuid;
  made.name = wished.name;
  return made;
}

ChildNote PlanPresent(const ChildProvider& wished, const ObservedProvider* seen, Plan& plan) {
  const ObservedProvider provider = seen != nullptr ? *seen : Create(wished, plan);
  const DecidedFigures decided = DecideFigures(wished.keys, provider.allocated, provider.keys);
  AddTraits(provider, wished, plan);
  AddInventory(provider, decided.keys, decided.why, plan);
  const ChildState state = decided.shrink_held ? ChildState::kShrinkHeld : ChildState::kTrue;
  return {wished.model, wished.name, state, absl::StrCat(decided.why, ".")};
}

// Closes what cannot be removed yet.
ChildNote PlanDrain(const ChildProvider& wished, const ObservedProvider& seen, Plan& plan) {
  const std::string held = seen.allocated > 0
                               ? absl::StrCat(seen.allocated, " keys are still allocated")
                               : std::string("somebody else keeps an inventory on it");
  const std::string why =
      absl::StrCat(wished.reason, "; ", held, ", so it is closed and not removed");
  if (seen.keys.has_value()) AddInventory(seen, ClosedFigures(*seen.keys), why, plan);
  return {wished.model, wished.name, ChildState::kDraining, absl::StrCat(why, ".")};
}

ChildNote PlanAbsent(const ChildProvider& wished, const ObservedProvider* seen, Plan& plan) {
  const bool used = seen != nullptr && (seen->allocated > 0 || seen->other_inventories);
  if (used) return PlanDrain(wished, *seen, plan);
  if (seen != nullptr) {
    Step step = StepOn(StepKind::kDeleteProvider, seen->uuid, seen->name, seen->generation);
    step.why = absl::StrCat("Remove ", Quoted(seen->name), ": ", wished.reason,
                            ", and nothing is allocated from it.");
    plan.steps.push_back(step);
  }
  return {wished.model, wished.name, ChildState::kAbsent, absl::StrCat(wished.reason, ".")};
}

ChildNote StandBack(const ChildProvider& wished, const ObservedProvider& seen) {
  const bool novas = Has(seen.traits, kOwnerNova);
  const std::string why =
      novas ? absl::StrCat(Quoted(seen.name), " bears ", kOwnerNova,
                           ": nova looks after it, and ccplace stands back until it does no more.")
            : absl::StrCat(Quoted(seen.name), " has UUID ", Quoted(seen.uuid), " and not ",
                           wished.uuid,
                           ": somebody else made it, and ccplace stands back until it is gone.");
  return {wished.model, wished.name, novas ? ChildState::kNovas : ChildState::kForeign, why};
}

ChildNote PlanChild(const ObservedTree& tree, const ChildProvider& wished, Plan& plan) {
  const ObservedProvider* seen = FindByName(tree, wished.name);
  if (seen != nullptr && !IsOurs(tree.root, *seen)) return StandBack(wished, *seen);
  if (wished.wish == ChildWish::kPresent) return PlanPresent(wished, seen, plan);
  if (wished.wish == ChildWish::kAbsent) return PlanAbsent(wished, seen, plan);
  return {wished.model, wished.name, ChildState::kUnknown,
          absl::StrCat(wished.reason, "; whatever stands in Placement stays.")};
}

// A child of ours by another name than the wished ones: the node was called otherwise.
bool IsLeftOver(const ObservedTree& tree, const std::vector<ChildProvider>& wished,
                const ObservedProvider& child) {
  return IsOurs(tree.root, child) &&
         std::none_of(wished.begin(), wished.end(),
                      [&child](const ChildProvider& one) { return one.name == child.name; });
}

ChildProvider Unwished(const ObservedTree& tree, const ObservedProvider& child) {
  ChildProvider unwished;
  unwished.model = ModelOfName(child.name);
  unwished.name = child.name;
  unwished.uuid = child.uuid;
  unwished.wish = ChildWish::kAbsent;
  unwished.reason = absl::StrCat("the node is called ", Quoted(tree.root.name), " now");
  return unwished;
}

}  // namespace

absl::string_view StateWord(ChildState state) {
  switch (state) {
    case ChildState::kAbsent:
      return "absent";
    case ChildState::kTrue:
      return "true";
    case ChildState::kUnknown:
      return "unknown";
    case ChildState::kNovas:
      return "owned_by_nova";
    case ChildState::kForeign:
      return "foreign";
    case ChildState::kShrinkHeld:
      return "overcommitted";
    case ChildState::kDraining:
      return "draining";
  }
  return "unknown";
}

bool IsOurs(const RootProvider& root, const ObservedProvider& child) {
  if (ModelOfName(child.name) == v1::ENCRYPTION_MODEL_UNSPECIFIED) return false;
  const absl::StatusOr<std::string> uuid = NamedUuid(root.uuid, child.name);
  return uuid.ok() && *uuid == child.uuid && !Has(child.traits, kOwnerNova);
}

Plan MakePlan(const ObservedTree& tree, const std::vector<ChildProvider>& wished) {
  Plan plan;
  for (const ChildProvider& child : wished) {
    ChildNote note = PlanChild(tree, child, plan);
    plan.notes.push_back(std::move(note));
  }
  for (const ObservedProvider& child : tree.children) {
    if (!IsLeftOver(tree, wished, child)) continue;
    ChildNote note = PlanAbsent(Unwished(tree, child), &child, plan);
    plan.notes.push_back(std::move(note));
  }
  return plan;
}

}  // namespace ccplace
