// Takes what ccplace-sync made out of Placement.
#ifndef CCPLACE_CLIENT_SYNC_SYNC_LEAVE_H_
#define CCPLACE_CLIENT_SYNC_SYNC_LEAVE_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "client/sync/placement/placement_rest.h"
#include "client/sync/placement/provider_reader.h"

namespace ccplace::sync {

// One child of ours.
struct LeavingChild {
  std::string name;
  std::string uuid;
  std::vector<std::string> consumers;  // UUIDs of the consumers of its keys.
  bool closed = false;  // Nothing can be allocated from it, until ccplace-sync opens it again.
  bool removed = false;
};

struct LeaveReport {
  // OK: all are removed, or were to be with dry_run. FAILED_PRECONDITION: something stands in the
  // way (allocations, somebody else's inventory, or a provider below). NOT_FOUND: there is no such
  // root. ABORTED: somebody changes them faster than they can be closed. Else PlacementRest's
  // failures. `closed` and `removed` say how far it came, and asking again goes on.
  absl::Status status;
  std::vector<LeavingChild> children;
  HostOwner owner = HostOwner::kNoNova;
};

// Removes the children of ours below that root, all or none: first it is seen that nothing is
// allocated from any, then each is closed, then each is removed. Whatever somebody allocates
// meanwhile makes it look again. Children that nova adopted are nova's and stay. ccplace-sync must
// not run meanwhile: it would make them again.
LeaveReport Leave(PlacementRest& placement, const RootQuery& query, bool dry_run);

}  // namespace ccplace::sync

#endif  // CCPLACE_CLIENT_SYNC_SYNC_LEAVE_H_
