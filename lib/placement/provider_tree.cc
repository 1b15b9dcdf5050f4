#include "lib/placement/provider_tree.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "lib/base/encryption_model.h"
#include "lib/base/text.h"
#include "lib/placement/uuid_v5.h"
#include "nlohmann/json.hpp"

namespace ccplace {
namespace {

constexpr absl::string_view kOwnPart = "_ccplace";  // Before the suffix: no nova knows the name.
constexpr size_t kLongestSuffixBytes = 18;          // "_ccplace_intel_tdx".

// Placement keeps inventory figures in signed 32 bits.
constexpr uint64_t kFigureLimit = std::numeric_limits<int32_t>::max();
constexpr size_t kMostModuleDigits = 5;

absl::Status CheckRoot(const RootProvider& root) {
  const size_t limit = kProviderNameLimit - kLongestSuffixBytes;
  const bool fits = !root.name.empty() && root.name.size() <= limit;
  if (fits && IsPrintable(root.name)) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(
      "root provider's name ", Quoted(root.name), ": must be 1 to ", limit,
      " bytes of UTF-8 without control characters, so that its children's names fit Placement's ",
      kProviderNameLimit));
}

// An empty new name says that Placement does not know the trait: a child without it would be found
// by no query for it, and ccplace-sync may discover the name later, so the usual name stays.
std::string TraitOf(const EncryptionModelNames& row, const v1::HostPolicy& policy) {
  const std::string usual(row.trait);
  const auto renamed = policy.renamed_traits().find(usual);
  const bool has_name = renamed != policy.renamed_traits().end() && !renamed->second.empty();
  return has_name ? renamed->second : usual;
}

uint64_t ValueOr0(const v1::Figure& figure) { return figure.has_value() ? figure.value() : 0; }

uint64_t PlatformTotal(const v1::KeyInventory& keys) {
  return std::min(ValueOr0(keys.total()), kFigureLimit);
}

uint64_t Total(const v1::KeyInventory& keys) {
  const uint64_t platform = PlatformTotal(keys);
  return keys.limit().has_value() ? std::min(platform, keys.limit().value()) : platform;
}

std::optional<uint64_t> ValueOf(const v1::Figure& figure) {
  return figure.has_value() ? std::make_optional(figure.value()) : std::nullopt;
}

OfferedKeys OfferedBy(const v1::KeyInventory& keys) {
  OfferedKeys offered;
  offered.total = Total(keys);
  offered.beyond_limit = PlatformTotal(keys) - offered.total;
  offered.held_back = std::min(ValueOr0(keys.reserved()), offered.total);
  offered.in_use = ValueOf(keys.in_use());
  offered.unaccounted = ValueOf(keys.unaccounted());
  offered.withheld = keys.withheld();
  if (!offered.withheld.empty()) offered.held_back = offered.total;
  return offered;
}

// The first gate with this result, as a clause; empty when no gate has it.
std::string GateClause(const v1::ModelCapability& model, v1::CheckResult result) {
  for (const v1::Check& check : model.checks()) {
    if (!check.gate() || check.result() != result) continue;
    return absl::StrCat(": ", v1::CheckKind_Name(check.kind()), " found ", Quoted(check.found()));
  }
  return "";
}

void Decide(const v1::ModelCapability& model, ChildProvider& child) {
  if (model.verdict() == v1::SUPPORT_UNSUPPORTED) {
    child.state = DesiredState::kAbsent;
    child.reason = absl::StrCat("the host cannot run it", GateClause(model, v1::CHECK_RESULT_FAIL));
  } else if (model.verdict() != v1::SUPPORT_SUPPORTED) {
    child.reason = absl::StrCat("whether the host can run it is unknown",
                                GateClause(model, v1::CHECK_RESULT_UNKNOWN));
  } else if (!model.keys().total().has_value()) {
    child.reason = "how many keys the host has is unknown";
  } else if (!model.keys().withheld().empty() && !model.keys().usable().has_value()) {
    child.reason = model.keys().withheld();
  } else {
    child.keys = OfferedBy(model.keys());
    child.state = child.keys.total > 0 ? DesiredState::kPresent : DesiredState::kAbsent;
    child.reason = absl::StrCat("the host offers ", child.keys.total, " keys, ",
                                child.keys.held_back, " of them held back ",
                                child.keys.withheld.empty() ? "by configuration" : "for now");
  }
}

std::string LeftToNova(const EncryptionModelNames& row, const RootProvider& root) {
  if (root.owner == HostOwner::kNova) {
    return "the root has OWNER_NOVA: nova 34 or later makes this host's children";
  }
  if (row.model == v1::ENCRYPTION_MODEL_INTEL_TDX) return "";
  if (root.holds_keys) {
    return "the root itself holds MEM_ENCRYPTION_CONTEXT: nova before 2025.2 counts SEV's keys "
           "there";
  }
  return root.owner == HostOwner::kNovaBefore34
             ? "the root has COMPUTE_NODE: nova counts the keys of the AMD models"
             : "";
}

// The trait of the module's line; empty: the version is not known.
std::string ModuleTraitOf(const std::string& version) {
  const std::vector<absl::string_view> parts = absl::StrSplit(version, '.');
  const auto is_number = [](absl::string_view part) {
    return !part.empty() && part.size() <= kMostModuleDigits &&
           std::all_of(part.begin(), part.end(), absl::ascii_isdigit);
  };
  if (parts.size() != 3 || !std::all_of(parts.begin(), parts.end(), is_number)) return "";
  return absl::StrCat(kModuleTraitPrefix, parts[0], "_", parts[1]);
}

void AddModuleTrait(const v1::HostCapabilities& capabilities, const NovaPolicy& policy,
                    ChildProvider& child) {
  if (child.model != v1::ENCRYPTION_MODEL_INTEL_TDX || !policy.publish_module_line) return;
  const std::string trait = ModuleTraitOf(capabilities.versions().tdx_module());
  child.keeps_module_traits = trait.empty();
  if (!trait.empty()) child.traits.push_back(trait);
}

// An older ccplaced knows no other class.
std::string AskedClass(const EncryptionModelNames& row, const v1::HostPolicy& policy) {
  const bool tdx = row.model == v1::ENCRYPTION_MODEL_INTEL_TDX && !policy.tdx_key_class().empty();
  return tdx ? policy.tdx_key_class() : std::string(kMemEncryptionContext);
}

// Names and class that no nova uses by itself.
void SetApart(const EncryptionModelNames& row, const RootProvider& root, const NovaPolicy& policy,
              ChildProvider& child) {
  child.name = absl::StrCat(root.name, kOwnPart, row.provider_suffix);
  child.resource_class = std::string(kOwnKeyClass);
  child.closed = !policy.offer_beside_old_nova;
}

absl::StatusOr<ChildProvider> WishedChild(const EncryptionModelNames& row,
                                          const v1::HostCapabilities& capabilities,
                                          const RootProvider& root, const NovaPolicy& policy) {
  ChildProvider child;
  child.model = row.model;
  child.name = absl::StrCat(root.name, row.provider_suffix);
  child.left_to_nova = LeftToNova(row, root);
  child.asked_class = AskedClass(row, capabilities.policy());
  if (root.owner == HostOwner::kNovaBefore34 && child.left_to_nova.empty()) {
    SetApart(row, root, policy, child);
  }
  absl::StatusOr<std::string> uuid = UuidV5(root.uuid, child.name);
  if (!uuid.ok()) return uuid.status();
  child.uuid = *std::move(uuid);
  child.traits = {TraitOf(row, capabilities.policy())};
  AddModuleTrait(capabilities, policy, child);
  child.reason = "the host's answer has no such model";
  const v1::ModelCapability* model = FindModel(capabilities, row.model);
  if (model != nullptr) Decide(*model, child);
  return child;
}

}  // namespace

HostOwner OwnerByClass(const v1::HostPolicy& policy) {
  return policy.tdx_key_class() == kOwnKeyClass ? HostOwner::kNovaBefore34 : HostOwner::kNoNova;
}

HostOwner OwnerOf(const std::vector<std::string>& root_traits) {
  const auto has = [&root_traits](absl::string_view trait) {
    return std::find(root_traits.begin(), root_traits.end(), trait) != root_traits.end();
  };
  if (has(kOwnerNova)) return HostOwner::kNova;
  return has(kComputeNode) ? HostOwner::kNovaBefore34 : HostOwner::kNoNova;
}

absl::StatusOr<std::vector<ChildProvider>> DesiredChildren(const v1::HostCapabilities& capabilities,
                                                           const RootProvider& root,
                                                           const NovaPolicy& policy) {
  absl::Status valid = CheckRoot(root);
  if (!valid.ok()) return valid;
  std::vector<ChildProvider> children;
  for (const EncryptionModelNames& row : kEncryptionModels) {
    absl::StatusOr<ChildProvider> child = WishedChild(row, capabilities, root, policy);
    if (!child.ok()) return child.status();
    children.push_back(*std::move(child));
  }
  return children;
}

absl::string_view ModelName(v1::EncryptionModel model) {
  const auto* const row =
      std::find_if(kEncryptionModels.begin(), kEncryptionModels.end(),
                   [model](const EncryptionModelNames& one) { return one.model == model; });
  return row == kEncryptionModels.end() ? "unknown" : row->name;
}

v1::EncryptionModel ModelOfName(absl::string_view provider_name) {
  for (const EncryptionModelNames& row : kEncryptionModels) {
    if (absl::EndsWith(provider_name, row.provider_suffix)) return row.model;
  }
  return v1::ENCRYPTION_MODEL_UNSPECIFIED;
}

absl::string_view KeyClassOf(const RootProvider& root, absl::string_view child_name) {
  // A root whose own name ends with that part has its usual child.
  const bool usual = absl::StartsWith(child_name, root.name) &&
                     child_name.substr(root.name.size()) == kIntelTdx.provider_suffix;
  const bool apart = absl::EndsWith(child_name, absl::StrCat(kOwnPart, kIntelTdx.provider_suffix));
  return apart && !usual ? kOwnKeyClass : kMemEncryptionContext;
}

nlohmann::json InventoryJson(const KeyFigures& keys) {
  return {{"total", keys.total}, {"reserved", keys.reserved}, {"min_unit", 1}, {"max_unit", 1},
          {"step_size", 1},      {"allocation_ratio", 1.0}};
}

}  // namespace ccplace
