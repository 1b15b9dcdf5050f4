// What calls wait for, or are refused by: one writer a domain, and a few slow calls at one time.
#ifndef CCPLACE_LIB_LIFECYCLE_CONCURRENCY_H_
#define CCPLACE_LIB_LIFECYCLE_CONCURRENCY_H_

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_set>

#include "absl/status/statusor.h"

namespace ccplace {

// Locks by UUID. Thread-safe. Must outlive every lock it gave.
class UuidLocks {
 public:
  struct Release {
    std::string uuid;
    void operator()(UuidLocks* locks) const { locks->Unlock(uuid); }
  };
  // Holds one UUID until destroyed.
  using Held = std::unique_ptr<UuidLocks, Release>;

  // Waits for nothing: DEADLINE_EXCEEDED when `uuid` is not free.
  absl::StatusOr<Held> TryLock(const std::string& uuid) {
    return Lock(uuid, std::chrono::steady_clock::time_point());
  }
  // Waits for `uuid` to be free. DEADLINE_EXCEEDED when it is not by `deadline`.
  absl::StatusOr<Held> Lock(const std::string& uuid,
                            std::chrono::steady_clock::time_point deadline);

 private:
  void Unlock(const std::string& uuid);

  std::mutex mutex_;
  std::condition_variable freed_;
  std::unordered_set<std::string> held_;
};

// A start can take as long as QEMU likes (one that waits for a vhost-user switch never ends by
// itself), and so can a call that waits for another one of its uuid. Each holds a thread meanwhile:
// the limit keeps threads free for other calls. Thread-safe. Must outlive every slot it gave.
class ConcurrencyLimiter {
 public:
  struct Release {
    void operator()(ConcurrencyLimiter* limiter) const { --limiter->taken_; }
  };
  // One call's slot, free again when destroyed.
  using Held = std::unique_ptr<ConcurrencyLimiter, Release>;

  // `limit` from 1 up.
  explicit ConcurrencyLimiter(size_t limit) : limit_(limit) {}

  // Waits for nothing. RESOURCE_EXHAUSTED, with reasons::kStartsBusy, when all are taken.
  absl::StatusOr<Held> Acquire();

 private:
  const size_t limit_;
  std::atomic<size_t> taken_{0};
};

}  // namespace ccplace

#endif  // CCPLACE_LIB_LIFECYCLE_CONCURRENCY_H_
