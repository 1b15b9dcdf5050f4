// The host's facts, as request handlers see them.
#ifndef CCPLACE_LIB_CAPABILITY_HOST_STATE_H_
#define CCPLACE_LIB_CAPABILITY_HOST_STATE_H_

#include <chrono>
#include <functional>
#include <memory>
#include <utility>

#include "absl/status/status.h"
#include "ccplace/v1/freshness.pb.h"
#include "lib/capability/snapshot.h"
#include "lib/hypervisor/hypervisor.h"

namespace ccplace {

// Gets the latest state whenever it changed. Calls come from a thread of HostState's own, one at
// a time, and must return at once (hand over, do not work): all watchers share that thread.
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

  // How old the facts are, now; without a revision, for facts may be others by then: see Latest.
  virtual v1::Freshness FreshnessNow() const = 0;

  // Reads everything again and calls `done` (any thread, exactly once) when the snapshot that came
  // of it is out. DEADLINE_EXCEEDED past `deadline`; RESOURCE_EXHAUSTED when the queue to libvirt
  // is full, or too many callers wait already; UNAVAILABLE when the daemon stops. A source that
  // could not be read is no error here: freshness says so. `done` must not block. Readings for such
  // callers keep a distance: who asks soon after another waits, and shares a reading with others.
  virtual void Refresh(std::chrono::steady_clock::time_point deadline,
                       std::function<void(absl::Status)> done) = 0;

  // The same, at once however many callers of Refresh wait, for what a write can have changed:
  // domains, and the kernel's count of keys. What the machine and libvirt are able to do may stay
  // as it was read before, of the age that freshness says.
  virtual void RefreshDomains(std::chrono::steady_clock::time_point deadline,
                              std::function<void(absl::Status)> done) {
    Refresh(deadline, std::move(done));
  }

  // Takes in what a write has just defined and not started, as libvirt described it, without asking
  // libvirt again: this costs the same however many domains there are. `done`, and where libvirt's
  // domains are not known, as RefreshDomains.
  virtual void AddDomain(const DomainDescription& /*domain*/,
                         std::chrono::steady_clock::time_point deadline,
                         std::function<void(absl::Status)> done) {
    RefreshDomains(deadline, std::move(done));
  }

  // Calls `callback` with the present state and then after each change, freshness turning stale or
  // fresh included. A slow watcher misses states between, never the last.
  virtual std::unique_ptr<WatchHandle> Watch(WatchCallback callback) = 0;

  // Reads no more, answers waiting callers with UNAVAILABLE, and waits until `deadline` for what is
  // being read of the host's files. False: it hangs there, and so would the destructor; its callers
  // are answered at their deadlines. Later calls wait again.
  virtual bool Stop(std::chrono::steady_clock::time_point /*deadline*/) { return true; }
};

// A snapshot, and how old its facts are: never younger than they are.
struct DatedSnapshot {
  std::shared_ptr<const Snapshot> snapshot;
  v1::Freshness freshness;
};

DatedSnapshot Latest(const HostState& state);

}  // namespace ccplace

#endif  // CCPLACE_LIB_CAPABILITY_HOST_STATE_H_
