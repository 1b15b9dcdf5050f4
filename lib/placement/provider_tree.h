// What a host's answers mean to Placement: the children that a compute node's resource provider
// should have. Knows nothing of what Placement holds now. Thread-safe: pure functions.
//
// Names, classes and inventory are nova 34's own (its libvirt driver's update_provider_tree), so
// that a scheduler sees no difference: one child per model, called after the node, with
// MEM_ENCRYPTION_CONTEXT and the model's trait.
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

// Longest provider name that Placement takes, in bytes.
inline constexpr size_t kProviderNameLimit = 200;

// The resource provider that nova made for the compute node.
struct RootProvider {
  std::string uuid;
  std::string name;  // nova's nodename, the prefix of its children's names.
};

// What should become of a child.
enum class ChildWish {
  kPresent,  // The host offers keys of this model.
  kAbsent,   // The host is known to offer none.
  kUnknown,  // Not known: whatever stands in Placement stays as it is.
};

// What a host says of its keys of one model.
struct OfferedKeys {
  uint64_t total = 0;      // 1 to 2147483647 where the child is wished for, else 0.
  uint64_t held_back = 0;  // By configuration; never above total.
  // Keys in use, by anyone, and those of them that no domain of the host accounts for. Nothing:
  // unknown, which is not 0.
  std::optional<uint64_t> in_use;
  std::optional<uint64_t> unaccounted;
};

// Figures of MEM_ENCRYPTION_CONTEXT in Placement; all others are fixed (InventoryJson).
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
  ChildWish wish = ChildWish::kUnknown;
  OfferedKeys keys;
  std::vector<std::string> traits;
  std::string reason;  // Why this wish, in a sentence, for logs and --dry-run.
};

// The four children, in the order of the enum of models, that `capabilities` ask for under `root`.
//
// total is the smaller of the platform's keys and the configured limit. A model that the answer
// leaves out, or whose verdict or total is unknown, is kUnknown. INVALID_ARGUMENT when root's UUID
// is none, or its name is empty, too long or not printable.
absl::StatusOr<std::vector<ChildProvider>> WishedChildren(const v1::HostCapabilities& capabilities,
                                                          const RootProvider& root);

// "intel-tdx", as nova spells it; "unknown" when it is none of the four.
absl::string_view ModelWord(v1::EncryptionModel model);

// The model that a provider of this name stands for under a root of any name, by nova's suffix;
// UNSPECIFIED when it is none of the four.
v1::EncryptionModel ModelOfName(absl::string_view provider_name);

// The inventory of MEM_ENCRYPTION_CONTEXT as Placement's REST API takes it. A guest takes one key
// and keys cannot be shared: min_unit, max_unit and step_size are 1, allocation_ratio 1.0.
nlohmann::json InventoryJson(const KeyFigures& keys);

}  // namespace ccplace

#endif  // CCPLACE_LIB_PLACEMENT_PROVIDER_TREE_H_
