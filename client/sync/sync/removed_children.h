// Children of ours that somebody else removed, and what is remembered of them over a restart.
#ifndef CCPLACE_CLIENT_SYNC_SYNC_REMOVED_CHILDREN_H_
#define CCPLACE_CLIENT_SYNC_SYNC_REMOVED_CHILDREN_H_

#include <cstdint>
#include <map>
#include <set>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "lib/placement/observed.h"

namespace ccplace::sync {

// How often somebody removed a child of ours below a root, by the child's UUID. A plain value.
struct RemovalCounts {
  std::string root_uuid;
  std::map<std::string, int> removals;

  bool operator==(const RemovalCounts& other) const {
    return root_uuid == other.root_uuid && removals == other.removals;
  }
};

// The file's content; nothing is counted where there is none. UNAVAILABLE: it cannot be read;
// INVALID_ARGUMENT: it is not as WriteRemovals makes it, or far too large. Each names path and
// remedy.
absl::StatusOr<RemovalCounts> ReadRemovals(const std::string& path);

// Puts `counts` in place of the file's content, all or nothing. NOT_FOUND (there is no such folder)
// or UNAVAILABLE, with path and cause.
absl::Status WriteRemovals(const std::string& path, const RemovalCounts& counts);

// Decides when a child may be made again: after the first removal at the next look, so that
// removing a whole tree is not hindered; after the second when a person says so. For one thread.
class RemovedChildren {
 public:
  // The tree was read anew. Returns how many children of ours with keys somebody else removed
  // since; none where the root is gone too. A child without keys does not count.
  uint64_t Compare(const ObservedTree& tree);

  // This is what Placement holds after a round.
  void Remember(const ObservedTree& tree);

  // This program deleted the child: no removal by somebody else.
  void OnDeleted(const std::string& uuid) { known_.erase(uuid); }

  // A look at Placement begins.
  void OnLook() { ++looks_; }

  // Why the child is not made again now; empty: it may be.
  std::string WhyNot(const std::string& uuid) const;

  // All may be made again.
  void Forgive() { removals_.clear(); }

  // Saves the counts over a restart, and takes them back. A child that was removed once may be made
  // again at once. Which children exist is not saved: one that is removed while this program does
  // not run is not counted.
  RemovalCounts Counts() const;
  void Restore(const RemovalCounts& counts);

 private:
  struct Removals {
    int count = 0;
    uint64_t at_look = 0;
  };

  std::string root_uuid_;
  std::set<std::string> known_;  // UUIDs of ours below that root that hold keys.
  std::map<std::string, Removals> removals_;
  uint64_t looks_ = 1;
};

}  // namespace ccplace::sync

#endif  // CCPLACE_CLIENT_SYNC_SYNC_REMOVED_CHILDREN_H_
