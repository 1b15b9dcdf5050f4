// Events to the listener, from a thread that holds no lock of the caller's.
#ifndef CCPLACE_LIB_HYPERVISOR_EVENT_SENDER_H_
#define CCPLACE_LIB_HYPERVISOR_EVENT_SENDER_H_

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

#include "lib/hypervisor/event_listener.h"

namespace ccplace {

// Owns the thread. Thread-safe; its end waits for the call that is under way, and drops what it has
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

#endif  // CCPLACE_LIB_HYPERVISOR_EVENT_SENDER_H_
