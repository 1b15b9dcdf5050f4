// The door through which request handlers see the host's facts.
#ifndef CCPLACE_LIB_CAPABILITY_HOST_STATE_H_
#define CCPLACE_LIB_CAPABILITY_HOST_STATE_H_

#include <chrono>
#include <functional>
#include <memory>

#include "absl/status/status.h"
#include "ccplace/v1/freshness.pb.h"
#include "lib/capability/snapshot.h"

namespace ccplace {

// Gets the latest state whenever it changed. Calls come from a thread of HostState's own, one at
// a time for one watcher, and must return at once (hand over, do not work).
using WatchCallback = std::function<void(const std::shared_ptr<const Snapshot>&)>;

// Ends a subscription when destroyed; no callback runs after the destructor returned.
class WatchHandle {
 public:
  virtual ~WatchHandle() = default;
};

// The host's facts for readers. Thread-safe. Current and FreshnessNow take no lock, make no system
// call and no libvirt call.
class HostState {
 public:
  virtual ~HostState() = default;

  // The latest snapshot; never null (before the first reading every check is UNKNOWN).
  virtual std::shared_ptr<const Snapshot> Current() const = 0;

  // How old the facts are, now.
  virtual v1::Freshness FreshnessNow() const = 0;

  // Reads everything again and calls `done` (any thread, exactly once) when the snapshot that came
  // of it is out. DEADLINE_EXCEEDED past `deadline`; RESOURCE_EXHAUSTED when the queue to libvirt
  // is full. A source that could not be read is no error here: its checks say UNKNOWN.
  virtual void Refresh(std::chrono::steady_clock::time_point deadline,
                       std::function<void(absl::Status)> done) = 0;

  // Calls `callback` with the present state and then after each change, freshness turning stale or
  // fresh included. A slow watcher misses states between, never the last.
  virtual std::unique_ptr<WatchHandle> Watch(WatchCallback callback) = 0;
};

}  // namespace ccplace

#endif  // CCPLACE_LIB_CAPABILITY_HOST_STATE_H_
