// The one listener that a hypervisor has.
#ifndef CCPLACE_LIB_HYPERVISOR_EVENT_LISTENER_H_
#define CCPLACE_LIB_HYPERVISOR_EVENT_LISTENER_H_

#include <functional>
#include <mutex>
#include <utility>

#include "lib/hypervisor/hypervisor.h"

namespace ccplace {

// Thread-safe. Calls are made under the lock: that is what lets Set return only when none is under
// way, and why a listener must not call Set.
class EventListener {
 public:
  // An empty function takes the listener away.
  void Set(std::function<void(HypervisorEvent)> listener) {
    const std::lock_guard<std::mutex> lock(mutex_);
    listener_ = std::move(listener);
  }

  void Call(HypervisorEvent event) {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (listener_) listener_(event);
  }

 private:
  std::mutex mutex_;
  std::function<void(HypervisorEvent)> listener_;
};

}  // namespace ccplace

#endif  // CCPLACE_LIB_HYPERVISOR_EVENT_LISTENER_H_
