#include "lib/placement/plan.h"

#include <algorithm>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "lib/base/text.h"
#include "lib/placement/key_figures.h"
#include "lib/placement/plan_steps.h"
#include "lib/placement/uuid_v5.h"

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
std::string ClassText(const ChildProvider& desired) {
  const bool same = desired.asked_class.empty() || desired.asked_class == desired.resource_class;
  if (same || desired.closed) return "";
  return absl::StrCat(" ccplaced's queries ask for ", Quoted(desired.asked_class),
                      ", and the keys are ", desired.resource_class,
                      ": start ccplaced with --tdx_key_class=", desired.resource_class, ".");
}

ChildStatus PlanPresent(const ChildProvider& desired, const ObservedProvider* seen, Plan& plan) {
  if (seen == nullptr && !desired.withheld.empty()) {
    return {desired.model, desired.name, ChildState::kRemoved, absl::StrCat(desired.withheld, ".")};
  }
  const ObservedProvider provider = seen != nullptr ? *seen : AddCreate(desired, plan);
  DecidedFigures decided = DecideFigures(desired.keys, provider.allocated, provider.keys);
  if (desired.closed) Close(decided);
  AddTraits(provider, desired, plan);
  AddInventory(provider, decided.keys, decided.why, plan);
  const ChildState state = decided.overcommitted ? ChildState::kOvercommitted : ChildState::kInSync;
  return {desired.model, desired.name, state, absl::StrCat(decided.why, ".", ClassText(desired))};
}

ChildStatus WithClassText(const ChildProvider& desired, ChildStatus note) {
  if (desired.state == DesiredState::kPresent) absl::StrAppend(&note.why, ClassText(desired));
  return note;
}

ChildStatus PlanAbsent(HostOwner owner, const ChildProvider& desired, const ObservedProvider* seen,
                       Plan& plan) {
  if (seen != nullptr) return AddRemoval(owner, desired.model, desired.reason, *seen, plan);
  return {desired.model, desired.name, ChildState::kAbsent, absl::StrCat(desired.reason, ".")};
}

// A child of ours where nova looks after the host. nova 34 marks the root before it adopts a child.
ChildStatus PlanLeaving(const ObservedTree& tree, v1::EncryptionModel model, absl::string_view why,
                        const ObservedProvider& seen, Plan& plan) {
  if (tree.root.owner != HostOwner::kNova || seen.settled) {
    return AddRemoval(tree.root.owner, model, why, seen, plan);
  }
  return {model, seen.name, ChildState::kOwnedByNova,
          absl::StrCat(why, "; nova may be about to adopt it, so it stays until the next look.")};
}

ChildStatus SkipNotOwned(const ChildProvider& desired, const ObservedProvider& seen) {
  const bool novas = Has(seen.traits, kOwnerNova);
  const std::string why =
      novas ? absl::StrCat(
                  Quoted(seen.name), " has ", kOwnerNova,
                  ": nova looks after it, and ccplace leaves it alone until nova no longer does.")
            : absl::StrCat(
                  Quoted(seen.name), " has UUID ", Quoted(seen.uuid), " and not ", desired.uuid,
                  ": somebody else made it, and ccplace leaves it alone until it is gone.");
  return {desired.model, desired.name, novas ? ChildState::kOwnedByNova : ChildState::kForeign,
          why};
}

ChildStatus PlanChild(const ObservedTree& tree, const ChildProvider& desired, Plan& plan) {
  const ObservedProvider* seen = FindByName(tree, desired.name);
  if (!desired.left_to_nova.empty()) {
    const bool ours = seen != nullptr && IsOurs(tree.root, *seen);
    return ours ? PlanLeaving(tree, desired.model, desired.left_to_nova, *seen, plan)
                : WithClassText(desired, StatusOfNovas(desired, seen, tree.root));
  }
  if (seen != nullptr && !IsOurs(tree.root, *seen)) return SkipNotOwned(desired, *seen);
  if (desired.state == DesiredState::kPresent) return PlanPresent(desired, seen, plan);
  if (desired.state == DesiredState::kAbsent)
    return PlanAbsent(tree.root.owner, desired, seen, plan);
  return {desired.model, desired.name, ChildState::kUnknown,
          absl::StrCat(desired.reason, "; what is in Placement stays.")};
}

// A child of ours by another name than the desired ones: the node was called otherwise.
bool IsLeftOver(const ObservedTree& tree, const std::vector<ChildProvider>& desired,
                const ObservedProvider& child) {
  return IsOurs(tree.root, child) &&
         std::none_of(desired.begin(), desired.end(),
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

absl::string_view StateName(ChildState state) {
  switch (state) {
    case ChildState::kAbsent:
      return "absent";
    case ChildState::kInSync:
      return "true";
    case ChildState::kUnknown:
      return "unknown";
    case ChildState::kOwnedByNova:
      return "owned_by_nova";
    case ChildState::kForeign:
      return "foreign";
    case ChildState::kOvercommitted:
      return "overcommitted";
    case ChildState::kDraining:
      return "draining";
    case ChildState::kNovaReportsLess:
      return "nova_reports_less";
    case ChildState::kNovaPromisesMore:
      return "nova_promises_more";
    case ChildState::kRemoved:
      return "removed_by_others";
    case ChildState::kOverwritten:
      return "overwritten_by_others";
  }
  return "unknown";
}

bool IsOurs(const RootProvider& root, const ObservedProvider& child) {
  if (ModelOfName(child.name) == v1::ENCRYPTION_MODEL_UNSPECIFIED) return false;
  const absl::StatusOr<std::string> uuid = UuidV5(root.uuid, child.name);
  return uuid.ok() && *uuid == child.uuid && !Has(child.traits, kOwnerNova);
}

Plan MakePlan(const ObservedTree& tree, const std::vector<ChildProvider>& desired) {
  Plan plan;
  for (const ChildProvider& child : desired) {
    ChildStatus note = PlanChild(tree, child, plan);
    plan.notes.push_back(std::move(note));
  }
  for (const ObservedProvider& child : tree.children) {
    if (!IsLeftOver(tree, desired, child)) continue;
    ChildStatus note =
        PlanLeaving(tree, ModelOfName(child.name), WhyLeftOver(tree, child), child, plan);
    plan.notes.push_back(std::move(note));
  }
  return plan;
}

}  // namespace ccplace
