#include "lib/placement/plan.h"

#include <algorithm>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "lib/base/text.h"
#include "lib/placement/key_figures.h"
#include "lib/placement/named_uuid.h"
#include "lib/placement/nova_plan.h"
#include "lib/placement/plan_steps.h"

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

// What is shown and cannot be allocated.
void Close(DecidedFigures& decided) {
  decided.keys = ClosedFigures(decided.keys);
  absl::StrAppend(&decided.why,
                  "; all are reserved, since a nova before 34 looks after this host and would "
                  "start plain guests with them (--offer_beside_old_nova opens it)");
}

// Queries that name another class find no key here. Where all are reserved, none finds any.
std::string ClassText(const ChildProvider& wished) {
  const bool same = wished.asked_class.empty() || wished.asked_class == wished.resource_class;
  if (same || wished.closed) return "";
  return absl::StrCat(" ccplaced's queries ask for ", Quoted(wished.asked_class),
                      ", and the keys are ", wished.resource_class,
                      ": start ccplaced with --tdx_key_class=", wished.resource_class, ".");
}

ChildNote PlanPresent(const ChildProvider& wished, const ObservedProvider* seen, Plan& plan) {
  if (seen == nullptr && !wished.withheld.empty()) {
    return {wished.model, wished.name, ChildState::kRemoved, absl::StrCat(wished.withheld, ".")};
  }
  const ObservedProvider provider = seen != nullptr ? *seen : AddCreate(wished, plan);
  DecidedFigures decided = DecideFigures(wished.keys, provider.allocated, provider.keys);
  if (wished.closed) Close(decided);
  AddTraits(provider, wished, plan);
  AddInventory(provider, decided.keys, decided.why, plan);
  const ChildState state = decided.shrink_held ? ChildState::kShrinkHeld : ChildState::kTrue;
  return {wished.model, wished.name, state, absl::StrCat(decided.why, ".", ClassText(wished))};
}

ChildNote WithClassText(const ChildProvider& wished, ChildNote note) {
  if (wished.wish == ChildWish::kPresent) absl::StrAppend(&note.why, ClassText(wished));
  return note;
}

ChildNote PlanAbsent(HostOwner owner, const ChildProvider& wished, const ObservedProvider* seen,
                     Plan& plan) {
  if (seen != nullptr) return AddRemoval(owner, wished.model, wished.reason, *seen, plan);
  return {wished.model, wished.name, ChildState::kAbsent, absl::StrCat(wished.reason, ".")};
}

// A child of ours where nova looks after the host. nova 34 marks the root before it adopts a child.
ChildNote PlanLeaving(const ObservedTree& tree, v1::EncryptionModel model, absl::string_view why,
                      const ObservedProvider& seen, Plan& plan) {
  if (tree.root.owner != HostOwner::kNova || seen.settled) {
    return AddRemoval(tree.root.owner, model, why, seen, plan);
  }
  return {model, seen.name, ChildState::kNovas,
          absl::StrCat(why, "; nova may be about to adopt it, so it stays until the next look.")};
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
  if (!wished.left_to_nova.empty()) {
    const bool ours = seen != nullptr && IsOurs(tree.root, *seen);
    return ours ? PlanLeaving(tree, wished.model, wished.left_to_nova, *seen, plan)
                : WithClassText(wished, NoteOnNovas(wished, seen, tree.root));
  }
  if (seen != nullptr && !IsOurs(tree.root, *seen)) return StandBack(wished, *seen);
  if (wished.wish == ChildWish::kPresent) return PlanPresent(wished, seen, plan);
  if (wished.wish == ChildWish::kAbsent) return PlanAbsent(tree.root.owner, wished, seen, plan);
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

std::string WhyLeftOver(const ObservedTree& tree, const ObservedProvider& child) {
  if (absl::StartsWith(child.name, tree.root.name) && tree.root.owner != HostOwner::kNoNova) {
    return "nova looks after this host, and a child of this name or class could be taken for "
           "nova's";
  }
  return absl::StrCat("the node is called ", Quoted(tree.root.name), " now");
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
    case ChildState::kNovaReportsLess:
      return "nova_reports_less";
    case ChildState::kRemoved:
      return "removed_by_others";
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
    ChildNote note =
        PlanLeaving(tree, ModelOfName(child.name), WhyLeftOver(tree, child), child, plan);
    plan.notes.push_back(std::move(note));
  }
  return plan;
}

}  // namespace ccplace
