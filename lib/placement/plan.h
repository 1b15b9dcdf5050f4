// From what Placement holds and what the host offers to the writes that make Placement true.
// Thread-safe: pure functions.
#ifndef CCPLACE_LIB_PLACEMENT_PLAN_H_
#define CCPLACE_LIB_PLACEMENT_PLAN_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "ccplace/v1/capability.pb.h"
#include "lib/placement/observed.h"
#include "lib/placement/provider_tree.h"

namespace ccplace {

enum class StepKind {
  kCreateProvider,
  kSetTraits,
  kSetInventory,     // Of resource_class alone.
  kRemoveInventory,  // Of resource_class alone.
  kDeleteProvider,
};

// One write.
struct Step {
  StepKind kind = StepKind::kCreateProvider;
  std::string provider_uuid;
  std::string provider_name;
  uint64_t generation = 0;          // The provider's when it was read; 0 for one to be created.
  std::vector<std::string> traits;  // kSetTraits: the whole set, those of others included.
  std::string resource_class;       // kSetInventory, kRemoveInventory.
  KeyFigures keys;                  // kSetInventory.
  bool has_inventory = false;       // kSetInventory: of that class, already.
  std::string why;                  // A sentence: what, and why.
};

// The state of one child.
enum class ChildState {
  kAbsent,         // The host offers none, and there is no child.
  kInSync,         // It is as the host says, or will be once the steps are done.
  kUnknown,        // The host does not know: nothing is touched.
  kOwnedByNova,    // nova manages the child: not touched.
  kForeign,        // Somebody else made a child of this name: not touched.
  kOvercommitted,  // More is allocated than the host offers.
  kDraining,  // The host offers none any more, and something is allocated: closed, not removed.
  kNovaReportsLess,   // nova looks after the child, and reports fewer keys than the host offers.
  kNovaPromisesMore,  // The same, and more of its keys can be allocated than the host has free.
  kRemoved,           // Somebody removed it: not made again for now.
  kOverwritten,       // Somebody keeps writing other figures to it: left alone for now.
};

// "absent", "true", "unknown", "owned_by_nova", "foreign", "overcommitted", "draining",
// "nova_reports_less", "nova_promises_more", "removed_by_others", "overwritten_by_others".
absl::string_view StateName(ChildState state);

// Whether the child is somebody else's to make, or to make again.
inline bool IsSkipped(ChildState state) {
  return state == ChildState::kOwnedByNova || state == ChildState::kForeign ||
         state == ChildState::kNovaReportsLess || state == ChildState::kNovaPromisesMore ||
         state == ChildState::kRemoved || state == ChildState::kOverwritten;
}

// One child, decided.
struct ChildStatus {
  v1::EncryptionModel model = v1::ENCRYPTION_MODEL_UNSPECIFIED;
  std::string name;
  ChildState state = ChildState::kUnknown;
  std::string why;  // A sentence.
};

// All that is to be done and said.
struct Plan {
  std::vector<Step> steps;         // In the order to do them.
  std::vector<ChildStatus> notes;  // One for each desired child, then one for each left-over.
};

// Whether a child is this service's: its UUID is made from the root's and its own name, and it does
// not have OWNER_NOVA (the trait by which nova 34 takes over a provider that exists, with its
// UUID).
bool IsOurs(const RootProvider& root, const ObservedProvider& child);

// The plan for the children `desired` (DesiredChildren of tree.root) where Placement holds `tree`.
// A new child gets its traits before its inventory: capacity shows last, and complete. A child
// of ours that is not among the desired (the node was renamed, nova looks after it now) is taken
// away as one that is not offered; below a root of nova 34 only once it is settled, since nova may
// be about to adopt it. Taken away is removed, but emptied below a root that nova looks after:
// nova remembers a host's providers for 300 s, asks for each at every update, and can build no
// server there while one is gone. Steps never touch the root, nor a child that is not ours.
Plan MakePlan(const ObservedTree& tree, const std::vector<ChildProvider>& desired);

}  // namespace ccplace

#endif  // CCPLACE_LIB_PLACEMENT_PLAN_H_
