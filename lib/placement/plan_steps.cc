#include "lib/placement/plan_steps.h"

#include <algorithm>
#include <iterator>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "lib/base/text.h"
#include "lib/placement/key_figures.h"

namespace ccplace {
namespace {

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

bool HasTrait(const std::vector<std::string>& traits, const std::string& trait) {
  return std::find(traits.begin(), traits.end(), trait) != traits.end();
}

// Of a module line that the host has no more, or that is not to be told any more.
bool IsOutdated(const std::string& trait, const ChildProvider& desired) {
  return !desired.keeps_module_traits && absl::StartsWith(trait, kModuleTraitPrefix) &&
         !HasTrait(desired.traits, trait);
}

std::string TraitsText(const ObservedProvider& seen, const std::vector<std::string>& missing,
                       const std::vector<std::string>& outdated) {
  std::string text;
  if (!missing.empty()) {
    text = absl::StrCat("Give ", Quoted(seen.name), " the trait ", absl::StrJoin(missing, ", "),
                        ", by which a scheduler finds it.");
  }
  if (!outdated.empty()) {
    absl::StrAppend(&text, text.empty() ? "" : " ", "Take the trait ",
                    absl::StrJoin(outdated, ", "), " from ", Quoted(seen.name),
                    ": its TDX module's line is another, or is not to be told.");
  }
  return text;
}

// Both sorted.
Step TraitsStep(const ObservedProvider& seen, const std::vector<std::string>& missing,
                const std::vector<std::string>& outdated) {
  Step step = StepOn(StepKind::kSetTraits, seen.uuid, seen.name, seen.generation);
  std::vector<std::string> kept;
  std::set_difference(seen.traits.begin(), seen.traits.end(), outdated.begin(), outdated.end(),
                      std::back_inserter(kept));
  std::set_union(kept.begin(), kept.end(), missing.begin(), missing.end(),
                 std::back_inserter(step.traits));
  step.why = TraitsText(seen, missing, outdated);
  return step;
}

std::string WhatHolds(const ObservedProvider& seen) {
  if (seen.allocated > 0) return absl::StrCat(seen.allocated, " keys are still allocated");
  return std::string(WhatOthersKeep(seen));
}

// Closes what cannot be removed yet.
ChildStatus AddDrain(v1::EncryptionModel model, absl::string_view reason,
                     const ObservedProvider& seen, Plan& plan) {
  const std::string why =
      absl::StrCat(reason, "; ", WhatHolds(seen), ", so it is closed and not removed");
  if (seen.keys.has_value()) AddInventory(seen, ClosedFigures(*seen.keys), why, plan);
  return {model, seen.name, ChildState::kDraining, absl::StrCat(why, ".")};
}

// Takes its inventory away and lets the provider be: nova 26 to 34 ask for the allocations of each
// provider that they remember (report.py, get_allocations_for_provider_tree), for 300 s.
ChildStatus AddEmptying(v1::EncryptionModel model, absl::string_view reason,
                        const ObservedProvider& seen, Plan& plan) {
  if (seen.keys.has_value()) {
    Step step = StepOn(StepKind::kRemoveInventory, seen.uuid, seen.name, seen.generation);
    step.resource_class = seen.resource_class;
    step.why = absl::StrCat("Remove ", seen.resource_class, " from ", Quoted(seen.name), ": ",
                            reason, ", and nothing is allocated from it.");
    plan.steps.push_back(std::move(step));
  }
  return {model, seen.name, ChildState::kAbsent,
          absl::StrCat(reason,
                       "; the provider stays, without keys: nova would fail at each update "
                       "until it forgets a provider that is gone.")};
}

// nova 34's option for how many trust domains; it has none for AMD's models (nova/conf/libvirt.py).
constexpr absl::string_view kTdxOption = "[libvirt] num_intel_tdx_guests";

uint64_t NovasTotal(const ObservedProvider* seen) {
  return seen != nullptr && seen->keys.has_value() ? seen->keys->total : 0;
}

// Of a host that is known to offer none, as many as nova reports.
uint64_t NovasTooMany(const ChildProvider& desired, const ObservedProvider* seen) {
  if (seen == nullptr || !seen->keys.has_value()) return 0;
  const bool none = desired.state == DesiredState::kAbsent && desired.keys.beyond_limit == 0;
  if (none) return seen->keys->total;
  if (desired.state != DesiredState::kPresent) return 0;
  return PromisedTooMany(desired.keys, *seen->keys, seen->allocated);
}

std::string LikelyCause(const ChildProvider& desired, const ObservedProvider* seen) {
  if (desired.model != v1::ENCRYPTION_MODEL_INTEL_TDX) {
    return "the likely cause is nova.conf's [libvirt] virt_type, or another libvirt that "
           "nova-compute asks";
  }
  if (NovasTotal(seen) > 0) {
    return absl::StrCat("the likely cause is ", kTdxOption,
                        " in nova.conf, or a misc.capacity that nova-compute sees and ccplaced "
                        "does not");
  }
  return absl::StrCat(
      "the likely cause is nova.conf's [libvirt] cpu_mode (host-passthrough is needed; nova's "
      "default is host-model) or virt_type, or a misc.capacity that nova-compute in its container "
      "cannot read (mount the host's /sys/fs/cgroup, or set ",
      kTdxOption, ")");
}

// Keys held back by ccplaced's options have no effect where nova writes the inventory.
std::string HeldBackText(const ChildProvider& desired, uint64_t novas) {
  const uint64_t wanted = desired.keys.total - desired.keys.held_back;
  if (desired.keys.held_back == 0 || novas <= wanted) return "";
  return absl::StrCat(" The ", desired.keys.held_back,
                      " keys that ccplaced holds back are not held back in Placement: set ",
                      kTdxOption, " = ", wanted, " in nova.conf.");
}

// Placement's scheduler would place guests that cannot start.
std::string PromiseText(const ChildProvider& desired, const ObservedProvider& seen,
                        uint64_t too_many) {
  const uint64_t in_use = desired.keys.in_use.value_or(0);
  const uint64_t platform = desired.keys.total + desired.keys.beyond_limit;
  std::string text = absl::StrCat(too_many, " keys more can be allocated than the host has free");
  if (in_use > seen.allocated) {
    absl::StrAppend(&text, ": ", in_use, " are in use and ", seen.allocated,
                    " allocated (servers that were rebuilt with an image that switches encryption "
                    "on take a key without an allocation until they are migrated; or guests that "
                    "nova did not start)");
  }
  if (NovasTotal(&seen) > platform) {
    absl::StrAppend(&text, ": nova reports ", NovasTotal(&seen), " keys, and the host has ",
                    platform, " (lower ", kTdxOption, " in nova.conf)");
  }
  return absl::StrCat(text, ".");
}

// nova asks libvirt and the kernel once (nova/virt/libvirt/host.py, supports_intel_tdx).
std::string LostText(const ChildProvider& desired, uint64_t novas) {
  return absl::StrCat("nova reports ", novas, " keys, and ", desired.reason,
                      ": nova-compute keeps what it found when it started.");
}

}  // namespace

ObservedProvider AddCreate(const ChildProvider& desired, Plan& plan) {
  Step step = StepOn(StepKind::kCreateProvider, desired.uuid, desired.name, 0);
  step.why = absl::StrCat("Create ", Quoted(desired.name), ": ", desired.reason, ".");
  plan.steps.push_back(step);
  ObservedProvider made;
  made.uuid = desired.uuid;
  made.name = desired.name;
  made.resource_class = desired.resource_class;
  return made;
}

void AddTraits(const ObservedProvider& seen, const ChildProvider& desired, Plan& plan) {
  std::vector<std::string> missing;
  std::copy_if(desired.traits.begin(), desired.traits.end(), std::back_inserter(missing),
               [&](const std::string& trait) { return !HasTrait(seen.traits, trait); });
  std::sort(missing.begin(), missing.end());
  std::vector<std::string> outdated;
  std::copy_if(seen.traits.begin(), seen.traits.end(), std::back_inserter(outdated),
               [&](const std::string& trait) { return IsOutdated(trait, desired); });
  if (missing.empty() && outdated.empty()) return;
  plan.steps.push_back(TraitsStep(seen, missing, outdated));
}

void AddInventory(const ObservedProvider& seen, const KeyFigures& keys, absl::string_view why,
                  Plan& plan) {
  if (seen.usual_units && seen.keys == keys) return;
  Step step = StepOn(StepKind::kSetInventory, seen.uuid, seen.name, seen.generation);
  step.resource_class = seen.resource_class;
  step.keys = keys;
  step.has_inventory = seen.keys.has_value();
  const std::string was =
      seen.keys.has_value() ? absl::StrCat(" (was ", FiguresText(*seen.keys), ")") : "";
  step.why = absl::StrCat("Set ", seen.resource_class, " of ", Quoted(seen.name), " to ",
                          FiguresText(keys), was, ": ", why, ".");
  plan.steps.push_back(std::move(step));
}

ChildStatus AddRemoval(HostOwner owner, v1::EncryptionModel model, absl::string_view reason,
                       const ObservedProvider& seen, Plan& plan) {
  if (seen.allocated > 0 || seen.other_inventories) return AddDrain(model, reason, seen, plan);
  if (owner != HostOwner::kNoNova) return AddEmptying(model, reason, seen, plan);
  if (seen.has_children) return AddDrain(model, reason, seen, plan);
  Step step = StepOn(StepKind::kDeleteProvider, seen.uuid, seen.name, seen.generation);
  step.why = absl::StrCat("Remove ", Quoted(seen.name), ": ", reason,
                          ", and nothing is allocated from it.");
  plan.steps.push_back(std::move(step));
  return {model, seen.name, ChildState::kAbsent, absl::StrCat(reason, ".")};
}

ChildStatus StatusOfNovas(const ChildProvider& desired, const ObservedProvider* seen,
                          const RootProvider& root) {
  const uint64_t novas = NovasTotal(seen);
  const bool offers = desired.state == DesiredState::kPresent;
  const bool comparable = root.owner == HostOwner::kNova && offers;
  const uint64_t too_many = root.owner == HostOwner::kNova ? NovasTooMany(desired, seen) : 0;
  if (too_many > 0) {
    return {desired.model, desired.name, ChildState::kNovaPromisesMore,
            offers ? PromiseText(desired, *seen, too_many) : LostText(desired, novas)};
  }
  if (comparable && novas < desired.keys.total - desired.keys.held_back) {
    return {desired.model, desired.name, ChildState::kNovaReportsLess,
            absl::StrCat("nova reports ", novas, " keys, ", desired.reason, ": ",
                         LikelyCause(desired, seen), ".")};
  }
  if (seen == nullptr && !offers) {
    return {desired.model, desired.name, ChildState::kAbsent,
            absl::StrCat(desired.reason, "; ", desired.left_to_nova, ".")};
  }
  return {desired.model, desired.name, ChildState::kOwnedByNova,
          absl::StrCat(desired.left_to_nova, ", and ccplace leaves them alone.",
                       comparable ? HeldBackText(desired, novas) : "")};
}

}  // namespace ccplace
