// From readings of the host to the snapshot that readers share.
#ifndef CCPLACE_LIB_CAPABILITY_SNAPSHOT_BUILD_SNAPSHOT_H_
#define CCPLACE_LIB_CAPABILITY_SNAPSHOT_BUILD_SNAPSHOT_H_

#include "absl/status/statusor.h"
#include "lib/capability/facts/facts.h"
#include "lib/capability/snapshot/snapshot.h"

namespace ccplace {

// Everything that readers may ask, from both readings. `hypervisor` holds why when it was not read
// (its checks are then UNKNOWN and domains_known is false). revision is left 0. Pure.
Snapshot BuildSnapshot(const HostFileFacts& files,
                       const absl::StatusOr<HypervisorFacts>& hypervisor,
                       const CapabilityOptions& options);

}  // namespace ccplace

#endif  // CCPLACE_LIB_CAPABILITY_SNAPSHOT_BUILD_SNAPSHOT_H_
