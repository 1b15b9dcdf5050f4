// The one listener that a hypervisor has, and a thread that calls it.
#ifndef CCPLACE_LIB_HYPERVISOR_EVENT_LISTENER_H_
#define CCPLACE_LIB_HYPERVISOR_EVENT_LISTENER_H_

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
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

// Sends events to the listener from a thread of its own, which holds no lock of the caller's.
// Thread-safe; its end waits for the call that is under way, and drops what it has
// not sent.
class EventSender {
 public:
  EventSender();
  ~EventSender();
  EventSender(const EventSender&) = delete;
  EventSender& operator=(const EventSender&) = delete;

  // As EventListener::Set.
  void SetListener(std::function<void(HypervisorEvent)> listener);

  // Returns at once; the listener is called soon, in the order of the calls.
  void Send(HypervisorEvent event);

 private:
  void Run();

  EventListener listener_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<HypervisorEvent> events_;
  bool stopping_ = false;
  std::thread thread_;  // The last: it uses all of the above.
};

}  // namespace ccplace

#endif  // CCPLACE_LIB_HYPERVISOR_EVENT_LISTENER_H_
