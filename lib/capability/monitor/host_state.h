// The host's facts, as request handlers see them.
#ifndef CCPLACE_LIB_CAPABILITY_MONITOR_HOST_STATE_H_
#define CCPLACE_LIB_CAPABILITY_MONITOR_HOST_STATE_H_

#include <google/protobuf/arena.h>

#include <array>
#include <chrono>
#include <functional>
#include <memory>
#include <utility>

#include "absl/status/status.h"
#include "ccplace/v1/freshness.pb.h"
#include "lib/capability/snapshot/snapshot.h"
#include "lib/hypervisor/hypervisor.h"

namespace ccplace {

// Gets the latest state after each change. One thread of HostState calls all watchers, one after
// the other, so a callback must return at once: hand over, do not work.
using WatchCallback = std::function<void(const std::shared_ptr<const Snapshot>&)>;

// Ends a subscription when destroyed; no callback runs after the destructor returned. It waits for
// a call that is under way, so it must not be destroyed under a lock that the callback takes;
// inside its own callback it can be destroyed, and then does not wait. It may outlive HostState.
class WatchHandle {
 public:
  virtual ~WatchHandle() = default;
};

// The host's facts for readers. Thread-safe. Current and FreshnessNow make no libvirt call and read
// no file; they take a short lock only on a thread's first call after a change.
class HostState {
 public:
  virtual ~HostState() = default;

  // The latest snapshot; never null (before the first reading every check is UNKNOWN).
  virtual std::shared_ptr<const Snapshot> Current() const = 0;

  // How old the facts are now. Without a revision, because the snapshot can change between this
  // call and Current: see LatestFacts.
  virtual v1::Freshness FreshnessNow() const = 0;

  // The same, into `freshness`, which is empty: for callers that have memory for it at hand.
  virtual void FillFreshness(v1::Freshness& freshness) const { freshness = FreshnessNow(); }

  // Reads everything again and calls `done` (any thread, exactly once) when the resulting snapshot
  // is published. DEADLINE_EXCEEDED past `deadline`; RESOURCE_EXHAUSTED when the queue to libvirt
  // is full, or too many callers wait already; UNAVAILABLE when the daemon stops. A source that
  // could not be read is no error here: freshness says so. `done` must not block. A
  // call soon after another waits for HostMonitorOptions::refresh_gap, and shares its reading.
  virtual void Refresh(std::chrono::steady_clock::time_point deadline,
                       std::function<void(absl::Status)> done) = 0;

  // The same for what a write can change: domains, and the kernel's count of keys. Does not wait
  // for other callers of Refresh. Capabilities of machine and libvirt may stay as they were read
  // before, with the age that freshness says.
  virtual void RefreshDomains(std::chrono::steady_clock::time_point deadline,
                              std::function<void(absl::Status)> done) {
    Refresh(deadline, std::move(done));
  }

  // Adds a domain that a write has just defined and not started, as libvirt described it, without
  // another call to libvirt: the cost does not grow with the number of domains. `done` is as
  // for RefreshDomains, which is called instead while libvirt's domains are not known.
  virtual void AddDomain(const DomainDescription& /*domain*/,
                         std::chrono::steady_clock::time_point deadline,
                         std::function<void(absl::Status)> done) {
    RefreshDomains(deadline, std::move(done));
  }

  // Calls `callback` with the present state and then after each change, freshness turning stale or
  // fresh included. A slow watcher misses intermediate states, never the last.
  virtual std::unique_ptr<WatchHandle> Watch(WatchCallback callback) = 0;

  // Starts no more readings, completes waiting callers with UNAVAILABLE, and waits until `deadline`
  // for a reading of the host's files. False: that reading hangs, and so would the destructor; its
  // callers are completed at their deadlines. Later calls wait again.
  virtual bool Stop(std::chrono::steady_clock::time_point /*deadline*/) { return true; }
};

// The latest snapshot, and how old its facts are: never younger than they are. The freshness lies
// in memory of this object's own: each read makes one, whose five messages would come from the
// heap. For one thread, for as long as a call is answered.
class LatestFacts {
 public:
  explicit LatestFacts(const HostState& state);
  LatestFacts(const LatestFacts&) = delete;
  LatestFacts& operator=(const LatestFacts&) = delete;

  const std::shared_ptr<const Snapshot>& snapshot() const { return snapshot_; }
  const v1::Freshness& freshness() const { return freshness_; }

 private:
  alignas(8) std::array<char, 1024> block_;
  google::protobuf::Arena arena_;
  v1::Freshness& freshness_;
  std::shared_ptr<const Snapshot> snapshot_;
};

}  // namespace ccplace

#endif  // CCPLACE_LIB_CAPABILITY_MONITOR_HOST_STATE_H_
