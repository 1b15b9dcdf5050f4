// Notifies watchers of the latest state.
#ifndef CCPLACE_LIB_CAPABILITY_MONITOR_WATCH_HUB_H_
#define CCPLACE_LIB_CAPABILITY_MONITOR_WATCH_HUB_H_

#include <memory>
#include <thread>

#include "lib/capability/monitor/host_state.h"

namespace ccplace {

// One thread calls every watcher with the latest snapshot, outside of all locks; a watcher that was
// not reached yet when the next snapshot comes gets only that one. Thread-safe. A watcher costs its
// callback and some hundred bytes; a change, one call for each watcher.
class WatchHub {
 public:
  // `present` is what a watcher gets first, until Notify.
  explicit WatchHub(std::shared_ptr<const Snapshot> present);
  // Waits for a callback under way. Not from a callback.
  ~WatchHub();
  WatchHub(const WatchHub&) = delete;
  WatchHub& operator=(const WatchHub&) = delete;

  // Notifies every watcher of `snapshot`. Returns at once.
  void Notify(std::shared_ptr<const Snapshot> snapshot);

  // As HostState::Watch.
  std::unique_ptr<WatchHandle> Watch(WatchCallback callback);

 private:
  struct Watcher;
  class State;
  class Handle;
  const std::shared_ptr<State> state_;
  std::thread thread_;
};

}  // namespace ccplace

#endif  // CCPLACE_LIB_CAPABILITY_MONITOR_WATCH_HUB_H_
