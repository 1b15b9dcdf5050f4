// A stop that sleepers wake up for.
#ifndef CCPLACE_CLIENT_SYNC_APP_STOP_TOKEN_H_
#define CCPLACE_CLIENT_SYNC_APP_STOP_TOKEN_H_

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>

namespace ccplace::sync {

// Set once. Thread-safe.
class StopToken {
 public:
  void Set() {
    const std::lock_guard<std::mutex> lock(mutex_);
    set_ = true;
    changed_.notify_all();
  }

  // Sleeps; false as soon as it is set.
  bool Sleep(std::chrono::milliseconds time) {
    std::unique_lock<std::mutex> lock(mutex_);
    return !changed_.wait_for(lock, time, [this] { return set_.load(); });
  }

  bool is_set() const { return set_; }
  const std::atomic<bool>* flag() const { return &set_; }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::atomic<bool> set_{false};
};

}  // namespace ccplace::sync

#endif  // CCPLACE_CLIENT_SYNC_APP_STOP_TOKEN_H_
