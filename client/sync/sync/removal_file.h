// What is remembered of removed children over a restart.
#ifndef CCPLACE_CLIENT_SYNC_SYNC_REMOVAL_FILE_H_
#define CCPLACE_CLIENT_SYNC_SYNC_REMOVAL_FILE_H_

#include <map>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

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

}  // namespace ccplace::sync

#endif  // CCPLACE_CLIENT_SYNC_SYNC_REMOVAL_FILE_H_
