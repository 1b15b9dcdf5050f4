#include "lib/request/scheduling.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "lib/base/number.h"
#include "lib/request/candidates_query.h"

namespace ccplace::rules {
namespace {

constexpr uint64_t kAmountLimit = 2147483647;
constexpr absl::string_view kKeyClass = "MEM_ENCRYPTION_CONTEXT";
// Where a nova before 34 looks after the host.
constexpr absl::string_view kOwnKeyClass = "CUSTOM_CCPLACE_INTEL_TDX_KEY";
constexpr absl::string_view kKeySuffix = "_MEM_ENCRYPTION";
constexpr absl::string_view kStatelessTrait = "COMPUTE_SECURITY_STATELESS_FIRMWARE";
constexpr absl::string_view kSecureBootTrait = "COMPUTE_SECURITY_UEFI_SECURE_BOOT";

// The first is the group without suffix; the flavor's own suffixed ones follow.
using Groups = absl::InlinedVector<RequestGroup, 1>;

bool AsksStateless(const RequestFacts& facts) {
  return NovaReads(facts.Bool(Key::kImageStateless));
}

RequestGroup& GroupOf(absl::string_view suffix, Groups& groups) {
  for (RequestGroup& group : groups) {
    if (group.suffix == suffix) return group;
  }
  groups.emplace_back();
  groups.back().suffix = suffix;
  return groups.back();
}

// nova drops what names no class, with a line in its log.
void AddSpec(const PlacementSpec& spec, Groups& groups) {
  if (!spec.is_trait && !IsResourceClass(spec.name)) return;
  RequestGroup& group = GroupOf(spec.suffix, groups);
  if (!spec.is_trait) {
    group.AmountOf(spec.name) = ReadAmount(*spec.value).value_or(0);
  } else if (*spec.value == "required") {
    AddTrait(spec.name, group.required);
  } else {
    AddTrait(spec.name, group.forbidden);
  }
}

bool HasClass(const Groups& groups, absl::string_view resource_class) {
  return std::any_of(groups.begin(), groups.end(), [resource_class](const RequestGroup& group) {
    return group.Has(resource_class);
  });
}

// A figure of the flavor's own, where no "resources:" spec names its class.
void AddFigure(const RequestFacts& facts, absl::string_view resource_class, uint64_t amount,
               Groups& groups) {
  if (amount == 0) return;
  if (!facts.settings.placement.empty() && HasClass(groups, resource_class)) return;
  groups[0].amounts.push_back({resource_class, amount});
}

// nova takes dedicated processors from PCPU, whatever "resources:" says, and one more for the
// emulator's threads; how it splits a mixed policy is not followed here.
void AddProcessors(const RequestFacts& facts, Groups& groups) {
  const uint32_t vcpus = facts.request.flavor().vcpus();
  const absl::string_view policy = facts.FlavorFirst(Key::kFlavorCpuPolicy, Key::kImageCpuPolicy);
  if (policy == "mixed") return;
  if (policy == "dedicated") {
    const std::string* emulator = facts.settings[Key::kFlavorEmulatorThreads];
    const bool isolated = emulator != nullptr && *emulator == "isolate";
    if (vcpus > 0) groups[0].AmountOf("PCPU") = uint64_t{vcpus} + (isolated ? 1 : 0);
  } else if (facts.settings.placement.empty() || !HasClass(groups, "PCPU")) {
    AddFigure(facts, "VCPU", vcpus, groups);
  }
}

// What nova asks of a host for a setting; empty: nothing.
absl::string_view AddressTrait(const RequestFacts& facts) {
  const absl::string_view mode = facts.FlavorFirst(Key::kFlavorAddressMode, Key::kImageAddressMode);
  if (mode == "passthrough") return "COMPUTE_ADDRESS_SPACE_PASSTHROUGH";
  return mode == "emulate" ? "COMPUTE_ADDRESS_SPACE_EMULATED" : "";
}

absl::string_view AffinityTrait(const RequestFacts& facts) {
  const absl::string_view policy =
      facts.FlavorFirst(Key::kFlavorPciAffinity, Key::kImagePciAffinity);
  return policy == "socket" ? "COMPUTE_SOCKET_PCI_NUMA_AFFINITY" : "";
}

// The thread policy in force, as get_cpu_thread_policy_constraint has it.
absl::string_view ThreadPolicy(const RequestFacts& facts) {
  const std::string* flavor = facts.settings[Key::kFlavorThreadPolicy];
  const std::string* policy = flavor != nullptr ? flavor : facts.settings[Key::kImageThreadPolicy];
  return policy == nullptr ? absl::string_view() : absl::string_view(*policy);
}

// Settings that few requests have.
constexpr Contents kOfRareTraits = BitOf(Key::kFlavorAddressMode) | BitOf(Key::kImageAddressMode) |
                                   BitOf(Key::kFlavorPciAffinity) | BitOf(Key::kImagePciAffinity) |
                                   BitOf(Key::kFlavorThreadPolicy) | BitOf(Key::kImageThreadPolicy);

void AddTraits(const RequestFacts& facts, RequestGroup& group) {
  if (AsksStateless(facts)) AddTrait(kStatelessTrait, group.required);
  if (AsksSecureBoot(facts.settings)) AddTrait(kSecureBootTrait, group.required);
  if ((facts.contents & kOfRareTraits) == 0) return;
  for (const absl::string_view trait : {AddressTrait(facts), AffinityTrait(facts)}) {
    if (!trait.empty()) AddTrait(trait, group.required);
  }
  const absl::string_view threads = ThreadPolicy(facts);
  if (threads == "require") AddTrait(kHyperthreadingTrait, group.required);
  if (threads == "isolate") AddTrait(kHyperthreadingTrait, group.forbidden);
}

// As in nova; in the order of names.
void AddFlavor(const RequestFacts& facts, Groups& groups) {
  const v1::Flavor& flavor = facts.request.flavor();
  AddFigure(facts, "DISK_GB", flavor.disk_gib(), groups);
  AddFigure(facts, "MEMORY_MB", flavor.memory_mib(), groups);
  AddProcessors(facts, groups);
}

// What this cloud's Placement calls the trait. Empty: it does not know it.
absl::string_view NameHere(absl::string_view trait, const v1::HostPolicy& policy) {
  if (policy.renamed_traits().empty()) return trait;
  const auto found = policy.renamed_traits().find(std::string(trait));
  return found == policy.renamed_traits().end() ? trait : absl::string_view(found->second);
}

// Gives each trait its name here and takes out those that have none, into `left_out`.
void Rename(const v1::HostPolicy& policy, Traits& traits, Traits& left_out) {
  if (policy.renamed_traits().empty()) return;
  Traits renamed;
  for (const absl::string_view asked : traits) {
    const absl::string_view name = NameHere(asked, policy);
    if (name.empty()) {
      AddTrait(asked, left_out);
    } else {
      AddTrait(name, renamed);
    }
  }
  traits = std::move(renamed);
}

// The resource class of this host's keys of the request's model. AMD's is nova's everywhere.
absl::string_view KeyClassHere(const Model& model, const v1::HostPolicy& policy) {
  const absl::string_view tdx_class = policy.tdx_key_class();
  const bool tdx = model.model == v1::ENCRYPTION_MODEL_INTEL_TDX;
  return tdx && !tdx_class.empty() ? tdx_class : kKeyClass;
}

// Whether a name that the policy gives is none of Placement's.
bool HasOddNames(const v1::HostPolicy& policy) {
  const std::string& key_class = policy.tdx_key_class();
  const auto& renamed = policy.renamed_traits();
  return (!key_class.empty() && !IsPlacementName(key_class)) ||
         std::any_of(renamed.begin(), renamed.end(), [](const auto& names) {
           return !names.second.empty() && !IsPlacementName(names.second);
         });
}

bool ChangesNames(const v1::HostPolicy& policy) {
  return !policy.renamed_traits().empty() ||
         (!policy.tdx_key_class().empty() && policy.tdx_key_class() != kKeyClass);
}

void UseNamesOfPolicy(const v1::HostPolicy& policy, Groups& groups, Traits& left_out) {
  const bool has_odd_names = HasOddNames(policy);
  for (RequestGroup& group : groups) {
    Rename(policy, group.required, left_out);
    Rename(policy, group.forbidden, left_out);
    group.has_odd_names = has_odd_names;
  }
}

// The key is one whatever the flavor's specs say of it.
void TakeOutKeys(RequestGroup& group) {
  for (const absl::string_view key_class : {kKeyClass, kOwnKeyClass}) {
    if (group.Has(key_class)) group.AmountOf(key_class) = 0;
  }
}

Groups GroupsOf(const RequestFacts& facts, Traits& left_out) {
  Groups groups(1);
  for (const PlacementSpec& spec : facts.settings.placement) AddSpec(spec, groups);
  const bool has_specs = !facts.settings.placement.empty();
  if (has_specs) {
    for (RequestGroup& group : groups) TakeOutKeys(group);
  }
  AddFlavor(facts, groups);
  AddTraits(facts, groups[0]);
  if (has_specs) {
    for (RequestGroup& group : groups) group.TidyAmounts();
  }
  if (ChangesNames(facts.policy)) UseNamesOfPolicy(facts.policy, groups, left_out);
  return groups;
}

void AddKey(const Model& model, const v1::HostPolicy& policy, RequestGroup& group) {
  const absl::string_view trait = NameHere(model.trait, policy);
  group.InsertAmount({KeyClassHere(model, policy), 1});
  if (!trait.empty()) AddTrait(trait, group.required);
}

// The parameters of the key in a group of its own.
std::string KeyParameters(const Model& model, const v1::HostPolicy& policy) {
  RequestGroup group;
  group.suffix = kKeySuffix;
  group.has_odd_names = HasOddNames(policy);
  AddKey(model, policy, group);
  QueryText query(group.LongestQuery());
  query.AddGroup(group);
  return std::string(query.View());
}

// The same of a policy that changes no name, made once for each model.
const std::string& UsualKeyParameters(const Model& model) {
  static const auto* const all = [] {
    auto* parameters = new std::vector<std::string>();
    for (const Model& one : Models()) {
      parameters->push_back(KeyParameters(one, v1::HostPolicy::default_instance()));
    }
    return parameters;
  }();
  return (*all)[static_cast<size_t>(&model - Models().data())];
}

void ListLeftOut(const RequestFacts& facts, Traits left_out, v1::SchedulerRequest& scheduling) {
  const absl::string_view trait = facts.model->trait;
  if (NameHere(trait, facts.policy).empty()) AddTrait(trait, left_out);
  for (const absl::string_view name : left_out) {
    scheduling.add_left_out_traits()->assign(name.data(), name.size());
  }
}

void SetGranularQuery(const RequestFacts& facts, const Groups& groups,
                      v1::SchedulerRequest& scheduling) {
  const std::string* said = facts.settings.group_policy;
  const absl::string_view policy =
      said != nullptr && *said == "isolate" ? "&group_policy=isolate" : "&group_policy=none";
  const std::string changed =
      ChangesNames(facts.policy) ? KeyParameters(*facts.model, facts.policy) : "";
  const std::string& key = changed.empty() ? UsualKeyParameters(*facts.model) : changed;
  size_t longest = sizeof "&" + key.size() + policy.size();
  for (const RequestGroup& group : groups) longest += group.LongestQuery();
  QueryText query(longest);
  for (const RequestGroup& group : groups) query.AddGroup(group);
  if (!query.View().empty()) query.Add("&");
  query.Add(key);
  query.Add(policy);
  *scheduling.mutable_granular_query() = std::string(query.View());
}

void SetWholeQuery(const RequestGroup& whole, v1::SchedulerRequest& scheduling) {
  QueryText query(whole.LongestQuery());
  query.AddGroup(whole);
  *scheduling.mutable_allocation_candidates_query() = std::string(query.View());
}

}  // namespace

bool AsksSecureBoot(const Settings& settings) {
  const std::string* flavor = settings[Key::kFlavorSecureBoot];
  const std::string* image = settings[Key::kImageSecureBoot];
  return (flavor != nullptr && *flavor == "required") || (image != nullptr && *image == "required");
}

bool AsksDedicatedCpus(const Settings& settings) {
  return std::any_of(
      settings.placement.begin(), settings.placement.end(), [](const PlacementSpec& spec) {
        return !spec.is_trait && spec.name == "PCPU" && ReadAmount(*spec.value).value_or(0) > 0;
      });
}

std::optional<uint64_t> ReadAmount(absl::string_view text) {
  const std::optional<uint64_t> amount = ParseDecimal(text);
  return amount.has_value() && *amount <= kAmountLimit ? amount : std::nullopt;
}

bool IsRequired(const RequestFacts& facts, absl::string_view trait) {
  if (facts.model != nullptr && trait == facts.model->trait) return true;
  if (trait == AddressTrait(facts) || trait == AffinityTrait(facts)) return !trait.empty();
  if (trait == kHyperthreadingTrait && ThreadPolicy(facts) == "require") return true;
  return (trait == kStatelessTrait && AsksStateless(facts)) ||
         (trait == kSecureBootTrait && AsksSecureBoot(facts.settings));
}

void FillScheduling(const RequestFacts& facts, v1::SchedulerRequest& scheduling) {
  Traits left_out;
  Groups groups = GroupsOf(facts, left_out);
  ListLeftOut(facts, std::move(left_out), scheduling);
  SetGranularQuery(facts, groups, scheduling);
  RequestGroup& whole = groups[0];
  AddKey(*facts.model, facts.policy, whole);
  SetWholeQuery(whole, scheduling);
  auto& resources = *scheduling.mutable_resources();
  for (const Amount& amount : whole.amounts) {
    resources[std::string(amount.resource_class)] = amount.amount;
  }
  scheduling.mutable_required_traits()->Reserve(static_cast<int>(whole.required.size()));
  for (const absl::string_view trait : whole.required) {
    *scheduling.add_required_traits() = std::string(trait);
  }
}

}  // namespace ccplace::rules
