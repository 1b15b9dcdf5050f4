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

// The root and those of its children that matter: the ones with our UUIDs, whole, and others of our
// names with their traits alone. Nothing: nova has not made the root yet. 2 reads, 3 more for each
// child of ours, 1 for each other. FAILED_PRECONDITION: the provider found is not a root, and the
// remedy. ABORTED: it changes faster than it can be read. Else PlacementRest's failures.
absl::StatusOr<std::optional<ObservedTree>> ReadTree(PlacementRest& placement,
                                                     const RootQuery& query);

// Whether the tree's children that matter are the same, by their generations: 1 read. Allocations
// that were removed show in no generation.
absl::StatusOr<bool> IsAsRead(PlacementRest& placement, const ObservedTree& tree);

// Brings a child of ours, read earlier, up to date: 1 read, and 2 or 3 more when its generation
// moved. NOT_FOUND: it is gone.
absl::Status RefreshChild(PlacementRest& placement, ObservedProvider& child);

}  // namespace ccplace::sync

#endif  // CCPLACE_CLIENT_SYNC_PLACEMENT_PROVIDER_READER_H_
