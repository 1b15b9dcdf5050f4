// A listener that remembers what it heard.
#ifndef CCPLACE_TESTS_UNIT_HYPERVISOR_LISTENER_FAKE_H_
#define CCPLACE_TESTS_UNIT_HYPERVISOR_LISTENER_FAKE_H_

#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "lib/hypervisor/hypervisor.h"

namespace ccplace {

// Thread-safe.
class ListenerFake {
 public:
  std::function<void(HypervisorEvent)> Function() {
    return [this](HypervisorEvent event) {
      const std::lock_guard<std::mutex> lock(mutex_);
      heard_.push_back(event);
      came_.notify_all();
    };
  }

  // Whether `event` was heard since the last Forget; waits ten seconds at most.
  bool WaitFor(HypervisorEvent event) {
    std::unique_lock<std::mutex> lock(mutex_);
    return came_.wait_for(lock, std::chrono::seconds(10), [this, event] {
      for (const HypervisorEvent heard : heard_) {
        if (heard == event) return true;
      }
      return false;
    });
  }

  void Forget() {
    const std::lock_guard<std::mutex> lock(mutex_);
    heard_.clear();
  }

 private:
  std::mutex mutex_;
  std::condition_variable came_;
  std::vector<HypervisorEvent> heard_;
};

}  // namespace ccplace

#endif  // CCPLACE_TESTS_UNIT_HYPERVISOR_LISTENER_FAKE_H_
