// Reading a compute node's providers from Placement.
#ifndef CCPLACE_CLIENT_SYNC_PLACEMENT_PROVIDER_READER_H_
#define CCPLACE_CLIENT_SYNC_PLACEMENT_PROVIDER_READER_H_

#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "client/sync/placement/placement_rest.h"
#include "lib/placement/observed.h"

namespace ccplace::sync {

// Which root provider. One of the two is set; the UUID wins.
struct RootQuery {
  std::string name;
  std::string uuid;
};

// The root with its owner, and those of its children that matter: the ones of our names, whole.
// Nothing: nova has not made the root yet. 4 reads, 3 more for each such child.
// FAILED_PRECONDITION: the provider found is not a root, or what was answered is not the tree asked
// for, and the remedy. ABORTED: it changes faster than it can be read. Else PlacementRest's
// failures.
absl::StatusOr<std::optional<ObservedTree>> ReadTree(PlacementRest& placement,
                                                     const RootQuery& query);

// What a look at something read earlier found.
enum class TreeChange {
  kUnchanged,
  kChanged,     // And it was brought up to date.
  kMustReread,  // The tree must be read again.
};

// Looks at the tree's children that matter, by their generations, and at its root: 1 read, and 2
// more when the root's generation moved. Allocations that were removed show in no generation.
absl::StatusOr<TreeChange> CheckTree(PlacementRest& placement, ObservedTree& tree);

// Brings a child of ours, read earlier, up to date: 1 read, and 2 or 3 more when its generation
// moved. NOT_FOUND: it is gone.
absl::StatusOr<TreeChange> RefreshChild(PlacementRest& placement, ObservedProvider& child);

}  // namespace ccplace::sync

#endif  // CCPLACE_CLIENT_SYNC_PLACEMENT_PROVIDER_READER_H_
