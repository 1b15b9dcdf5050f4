// What Placement holds for a compute node, as far as the plan needs it. Plain values.
#ifndef CCPLACE_LIB_PLACEMENT_OBSERVED_H_
#define CCPLACE_LIB_PLACEMENT_OBSERVED_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "lib/placement/provider_tree.h"

namespace ccplace {

// One child of the root.
struct ObservedProvider {
  std::string uuid;
  std::string name;
  uint64_t generation = 0;          // Grows with every change of it; each write names it.
  std::vector<std::string> traits;  // All of them, sorted.
  std::string resource_class{kMemEncryptionContext};  // Of its keys, by its name.
  std::optional<KeyFigures> keys;  // Of that class; nothing: it has no such inventory.
  bool usual_units = true;         // The other figures of that inventory are InventoryJson's.
  uint64_t allocated = 0;          // Of that class.
  bool other_inventories = false;  // Of any other class.
  bool has_children = false;       // Somebody made providers below it: it cannot be removed.
  bool settled = false;            // A later look found it as it was.
};

// What others keep on it or below, so that it cannot be removed; empty: nothing.
inline absl::string_view WhatOthersKeep(const ObservedProvider& child) {
  if (child.other_inventories) return "somebody else keeps an inventory on it";
  return child.has_children ? "somebody else keeps providers below it" : "";
}

// The compute node's root and those of its children that have a name of ours.
struct ObservedTree {
  RootProvider root;
  std::vector<ObservedProvider> children;
  uint64_t root_generation = 0;
};

}  // namespace ccplace

#endif  // CCPLACE_LIB_PLACEMENT_OBSERVED_H_
