// How old the facts from one source are.
#ifndef CCPLACE_LIB_CAPABILITY_MONITOR_SOURCE_FRESHNESS_H_
#define CCPLACE_LIB_CAPABILITY_MONITOR_SOURCE_FRESHNESS_H_

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "ccplace/v1/freshness.pb.h"
#include "lib/base/atomic_shared_ptr.h"
#include "lib/base/clock.h"

namespace ccplace {

// freshness.proto says this number to clients.
inline constexpr int kStaleAfterPeriods = 3;

// One writer marks readings; any number of readers ask, from atomics (a lock is taken only by a
// thread's first look at a new reason). Facts are stale when the latest attempt to read failed,
// when the last reading is kStaleAfterPeriods periods old, and before the first.
class SourceFreshness {
 public:
  // `period` is how often the source is meant to be read. `clock` must outlive this.
  SourceFreshness(std::chrono::milliseconds period, const Clock& clock);

  // The source was read in full; facts are at least as new as `began`.
  void MarkRead(std::chrono::steady_clock::time_point began);
  // An attempt failed: `reason` is a sentence for people.
  void MarkFailed(std::string reason);

  bool IsStale() const;
  void Fill(v1::FactsAge& age) const;

 private:
  // A time by both clocks, in nanoseconds; both 0: never read.
  struct Moment {
    std::atomic<int64_t> monotonic_ns{0};
    std::atomic<int64_t> wall_ns{0};
  };

  const Moment& LastRead() const { return moments_[latest_.load(std::memory_order_acquire)]; }
  std::chrono::nanoseconds AgeOf(const Moment& moment) const;
  bool IsOld(std::chrono::nanoseconds age) const { return age >= kStaleAfterPeriods * period_; }

  const std::chrono::milliseconds period_;
  const Clock& clock_;
  // The writer fills the one that readers are not sent to; two writes within one read would be
  // needed to show a reader half of each.
  std::array<Moment, 2> moments_;
  std::atomic<size_t> latest_{0};
  std::atomic<bool> failed_{false};
  AtomicSharedPtr<std::string> reason_{std::make_shared<const std::string>()};
};

}  // namespace ccplace

#endif  // CCPLACE_LIB_CAPABILITY_MONITOR_SOURCE_FRESHNESS_H_
