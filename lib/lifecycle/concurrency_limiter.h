// How many calls that can take long may be under way at one time.
#ifndef CCPLACE_LIB_LIFECYCLE_CONCURRENCY_LIMITER_H_
#define CCPLACE_LIB_LIFECYCLE_CONCURRENCY_LIMITER_H_

#include <atomic>
#include <cstddef>
#include <memory>

#include "absl/status/statusor.h"

namespace ccplace {

// A start can take as long as QEMU likes (one that waits for a vhost-user switch never ends by
// itself), and so can a call that waits for another one of its uuid. Each holds a thread meanwhile:
// bounded, they never take all of them. Thread-safe. Must outlive every slot it gave.
class ConcurrencyLimiter {
 public:
  struct Release {
    void operator()(ConcurrencyLimiter* slots) const { --slots->taken_; }
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

#endif  // CCPLACE_LIB_LIFECYCLE_CONCURRENCY_LIMITER_H_
