#include "lib/hypervisor/event_listener.h"

#include <utility>

namespace ccplace {

EventSender::EventSender() : thread_([this] { Run(); }) {}

EventSender::~EventSender() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    stopping_ = true;
    changed_.notify_one();
  }
  thread_.join();
}

void EventSender::SetListener(std::function<void(HypervisorEvent)> listener) {
  listener_.Set(std::move(listener));
}

void EventSender::Send(HypervisorEvent event) {
  const std::lock_guard<std::mutex> lock(mutex_);
  events_.push_back(event);
  changed_.notify_one();
}

void EventSender::Run() {
  std::unique_lock<std::mutex> lock(mutex_);
  while (!stopping_) {
    if (events_.empty()) {
      changed_.wait(lock);
      continue;
    }
    const HypervisorEvent event = events_.front();
    events_.pop_front();
    lock.unlock();
    listener_.Call(event);
    lock.lock();
  }
}

}  // namespace ccplace
