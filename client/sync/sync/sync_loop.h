// When to sync: after a change, at an interval, and again after a failure.
#ifndef CCPLACE_CLIENT_SYNC_SYNC_SYNC_LOOP_H_
#define CCPLACE_CLIENT_SYNC_SYNC_SYNC_LOOP_H_

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <optional>
#include <random>

#include "ccplace/v1/watch.pb.h"
#include "client/sync/sync/host_sync.h"
#include "lib/base/backoff.h"

namespace ccplace::sync {

struct LoopOptions {
  // Between looks at Placement where nothing changes; +-10 %.
  std::chrono::milliseconds interval{300'000};
  // The same right after a change, once for each kind of look: at the children, and at the whole
  // tree. Never above `interval`.
  std::chrono::milliseconds interval_after_change{60'000};
  std::chrono::milliseconds debounce{50};  // Changes this close together are one.
  std::chrono::milliseconds first_retry{500};
  std::chrono::milliseconds max_retry_interval{30'000};
  bool allow_simulated = false;  // Whether simulated hosts may be written to Placement.
  uint64_t seed = 0;             // Of every jitter.
};

// Told of what happens, on the loop's thread.
class SyncObserver {
 public:
  virtual ~SyncObserver() = default;
  // A round ended. `since`: when the oldest state came that the round was to make known.
  virtual void OnRound(const SyncReport& report, std::chrono::steady_clock::time_point since) = 0;
};

// Holds the host's latest state and nothing older: memory does not grow while Placement is down.
// Run is for one thread, once; the others are for any.
class SyncLoop {
 public:
  // Both must outlive it.
  SyncLoop(HostSync* sync, SyncObserver* observer, const LoopOptions& options);

  // The host's state, whole. Takes the place of one that was not synced yet.
  void Offer(const v1::WatchHostResponse& state);

  // Works until Stop.
  void Run();
  void Stop();

  // How many states wait: 0 or 1.
  size_t waiting() const;

 private:
  using TimePoint = std::chrono::steady_clock::time_point;

  // Waits for something to do; false when stopped. `news`: the host changed.
  bool NextRound(v1::WatchHostResponse& state, bool& news, TimePoint& since);
  // When the next round is due, news considered; guarded by mutex_.
  TimePoint Due() const;
  SyncReport DoRound(const v1::WatchHostResponse& state, bool news);
  void Schedule(const SyncReport& report, TimePoint since);
  std::chrono::milliseconds NextInterval(const SyncReport& report);

  HostSync* const sync_;
  SyncObserver* const observer_;
  const LoopOptions options_;
  Backoff backoff_;
  std::mt19937_64 random_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  // Guarded by mutex_:
  std::optional<v1::WatchHostResponse> state_;
  bool news_ = false;
  bool failing_ = false;
  int quiet_looks_ = 0;  // Since the last change.
  bool stopped_ = false;
  TimePoint news_at_;
  TimePoint next_look_;
};

}  // namespace ccplace::sync

#endif  // CCPLACE_CLIENT_SYNC_SYNC_SYNC_LOOP_H_
