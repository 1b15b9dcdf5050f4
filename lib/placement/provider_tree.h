// What a host's answers mean to Placement: the children that a compute node's resource provider
// should have. Knows nothing of what Placement holds now. Thread-safe: pure functions.
//
// On a host without nova, names, classes and inventory are nova 34's own (its libvirt driver's
// update_provider_tree), so that a scheduler sees no difference: one child per model, called after
// the node, with MEM_ENCRYPTION_CONTEXT and the model's trait. On a host that nova looks after,
// nova's names and classes are left to nova: nova 34 deletes or adopts children of these names,
// and a nova before 2025.2 asks for MEM_ENCRYPTION_CONTEXT without a trait.
#ifndef CCPLACE_LIB_PLACEMENT_PROVIDER_TREE_H_
#define CCPLACE_LIB_PLACEMENT_PROVIDER_TREE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "ccplace/v1/capability.pb.h"
#include "nlohmann/json_fwd.hpp"

namespace ccplace {

inline constexpr absl::string_view kMemEncryptionContext = "MEM_ENCRYPTION_CONTEXT";

// The class of a TDX child on a host that a nova before 34 looks after. No query that nova makes
// by itself names it.
inline constexpr absl::string_view kOwnKeyClass = "CUSTOM_CCPLACE_INTEL_TDX_KEY";

// The trait by which nova 34 and later mark the providers that they look after, and the one by
// which every nova since 20 marks a compute node's root.
inline constexpr absl::string_view kOwnerNova = "OWNER_NOVA";
inline constexpr absl::string_view kComputeNode = "COMPUTE_NODE";

// Longest provider name that Placement takes, in bytes.
inline constexpr size_t kProviderNameLimit = 200;

// Which service looks after the compute node, as its root provider says.
enum class HostOwner {
  kNoNova,
  kNovaBefore34,  // COMPUTE_NODE: every nova since 20 (nova/compute/resource_tracker.py).
  kNova,          // OWNER_NOVA: nova 34 or later.
};

// By the traits of the compute node's root provider.
HostOwner OwnerOf(const std::vector<std::string>& root_traits);

// The resource provider of the compute node.
struct RootProvider {
  std::string uuid;
  std::string name;  // nova's nodename, the prefix of its children's names.
  HostOwner owner = HostOwner::kNoNova;
  bool holds_keys = false;  // MEM_ENCRYPTION_CONTEXT itself, as nova before 2025.2 keeps SEV's.
};

// What should become of a child.
enum class DesiredState {
  kPresent,  // The host offers keys of this model.
  kAbsent,   // The host is known to offer none.
  kUnknown,  // Not known: Placement keeps its present values.
};

// What a host says of its keys of one model.
struct OfferedKeys {
  uint64_t total = 0;      // 1 to 2147483647 where the child is desired, else 0.
  uint64_t held_back = 0;  // By configuration; never above total.
  // Keys in use, by anyone, and those of them that no domain of the host accounts for. Nothing:
  // unknown, which is not 0.
  std::optional<uint64_t> in_use;
  std::optional<uint64_t> unaccounted;
  std::string withheld;       // Why all of them are held back for now. Empty: they are not.
  uint64_t beyond_limit = 0;  // Keys that the platform has beside the configured limit.
};

// Figures of a child's keys in Placement; all others are fixed (InventoryJson).
struct KeyFigures {
  uint64_t total = 0;
  uint64_t reserved = 0;  // Never above total: Placement refuses that.
};

inline bool operator==(const KeyFigures& a, const KeyFigures& b) {
  return a.total == b.total && a.reserved == b.reserved;
}

// One child and what it should hold.
struct ChildProvider {
  v1::EncryptionModel model = v1::ENCRYPTION_MODEL_UNSPECIFIED;
  std::string name;
  std::string uuid;  // Made from the root's UUID and the name: the same on every run.
  DesiredState state = DesiredState::kUnknown;
  OfferedKeys keys;
  std::string resource_class{kMemEncryptionContext};
  std::vector<std::string> traits;
  bool keeps_module_traits = false;  // Which traits of kModuleTraitPrefix are right is not known.
  std::string reason;                // Why this state, in a sentence, for logs and --dry-run.
  std::string asked_class;   // The class that queries name which ccplaced writes for this host.
  std::string left_to_nova;  // Why the child is nova's to make, whatever the state. Empty: ours.
  bool closed = false;       // Shown with all keys reserved: nothing can be allocated from it.
  std::string withheld;      // Why an absent child is not made now. Empty: it is made.
};

// Who looks after a host where its root was not read: as the class says that the host's own queries
// name (HostPolicy.tdx_key_class).
HostOwner OwnerByClass(const v1::HostPolicy& policy);

// Custom traits of a TDX child that name the line of the host's TDX module, as
// CUSTOM_CCPLACE_TDX_MODULE_1_5. No nova asks for one by itself.
inline constexpr absl::string_view kModuleTraitPrefix = "CUSTOM_CCPLACE_TDX_MODULE_";

// What may be told of a host, and done on hosts that nova looks after.
struct NovaPolicy {
  // The TDX child gets the trait of its module's line, where the host states the version.
  bool publish_module_line = false;
  // On a host of a nova before 34: keys can be allocated, by requests for kOwnKeyClass. A server of
  // nova that asks for it is a plain guest.
  bool offer_beside_old_nova = false;
};

// The four children, in the order of the enum of models, that `capabilities` ask for under `root`.
//
// total is the smaller of the platform's keys and the configured limit. A model that the answer
// leaves out, or whose verdict or total is unknown, is kUnknown. What is left to nova depends on
// the root's owner: all models where that is nova 34, the AMD models where it is an earlier nova or
// the root itself holds keys. INVALID_ARGUMENT when root's UUID is none, or its name is empty, too
// long or not printable.
absl::StatusOr<std::vector<ChildProvider>> DesiredChildren(const v1::HostCapabilities& capabilities,
                                                           const RootProvider& root,
                                                           const NovaPolicy& policy = {});

// "intel-tdx", as nova spells it; "unknown" when it is none of the four.
absl::string_view ModelName(v1::EncryptionModel model);

// The model of a provider of this name under a root of any name, by nova's suffix;
// UNSPECIFIED when it is none of the four.
v1::EncryptionModel ModelOfName(absl::string_view provider_name);

// The class in which a child of this name holds its keys.
absl::string_view KeyClassOf(const RootProvider& root, absl::string_view child_name);

// The inventory of keys as Placement's REST API takes it. A guest takes one key
// and keys cannot be shared: min_unit, max_unit and step_size are 1, allocation_ratio 1.0.
nlohmann::json InventoryJson(const KeyFigures& keys);

}  // namespace ccplace

#endif  // CCPLACE_LIB_PLACEMENT_PROVIDER_TREE_H_
