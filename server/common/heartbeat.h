// When a thread last showed that it runs.
#ifndef CCPLACE_SERVER_COMMON_HEARTBEAT_H_
#define CCPLACE_SERVER_COMMON_HEARTBEAT_H_

#include <atomic>
#include <chrono>

namespace ccplace {

// When a thread last showed that it runs. Thread-safe.
class Heartbeat {
 public:
  void Beat() { at_.store(std::chrono::steady_clock::now(), std::memory_order_relaxed); }
  // How long ago that was; before the first beat, the object's age.
  std::chrono::nanoseconds Age() const {
    return std::chrono::steady_clock::now() - at_.load(std::memory_order_relaxed);
  }

 private:
  std::atomic<std::chrono::steady_clock::time_point> at_{std::chrono::steady_clock::now()};
};

}  // namespace ccplace

#endif  // CCPLACE_SERVER_COMMON_HEARTBEAT_H_
