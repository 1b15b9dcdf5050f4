// A limit on calls that run at the same time and can take long.
#ifndef CCPLACE_LIB_LIFECYCLE_CONCURRENCY_LIMITER_H_
#define CCPLACE_LIB_LIFECYCLE_CONCURRENCY_LIMITER_H_

#include <atomic>
#include <cstddef>
#include <memory>

#include "absl/status/statusor.h"

namespace ccplace {

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

#endif  // CCPLACE_LIB_LIFECYCLE_CONCURRENCY_LIMITER_H_
