#include "client/sync/sync/sync_loop.h"

#include <algorithm>

namespace ccplace::sync {
namespace {

constexpr int kKindsOfLook = 2;

}  // namespace

SyncLoop::SyncLoop(HostSync* sync, SyncObserver* observer, const LoopOptions& options)
    : sync_(sync),
      observer_(observer),
      options_(options),
      backoff_(options.first_retry, options.max_retry_interval, options.seed),
      random_(options.seed) {}

void SyncLoop::Offer(const v1::WatchHostResponse& state) {
  const std::lock_guard<std::mutex> lock(mutex_);
  state_ = state;
  if (!news_) news_at_ = std::chrono::steady_clock::now();
  news_ = true;
  changed_.notify_all();
}

void SyncLoop::Run() {
  v1::WatchHostResponse state;
  bool news = false;
  TimePoint since;
  while (NextRound(state, news, since)) {
    const SyncReport report = DoRound(state, news);
    Schedule(report, since);
    observer_->OnRound(report, since);
  }
}

void SyncLoop::Stop() {
  const std::lock_guard<std::mutex> lock(mutex_);
  stopped_ = true;
  changed_.notify_all();
}

size_t SyncLoop::waiting() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return news_ ? 1 : 0;
}

SyncLoop::TimePoint SyncLoop::Due() const {
  if (!state_.has_value()) return TimePoint::max();
  return news_ && !failing_ ? news_at_ + options_.debounce : next_look_;
}

bool SyncLoop::NextRound(v1::WatchHostResponse& state, bool& news, TimePoint& since) {
  std::unique_lock<std::mutex> lock(mutex_);
  while (!stopped_) {
    const TimePoint due = Due();
    if (std::chrono::steady_clock::now() >= due) {
      state = *state_;
      news = news_;
      since = news_ ? news_at_ : std::chrono::steady_clock::now();
      news_ = false;
      return true;
    }
    if (due == TimePoint::max()) {
      changed_.wait(lock);
    } else {
      changed_.wait_until(lock, due);
    }
  }
  return false;
}

SyncReport SyncLoop::DoRound(const v1::WatchHostResponse& state, bool news) {
  if (state.simulated() && !options_.allow_simulated) {
    SyncReport report;
    report.status = absl::FailedPreconditionError(
        "the host is made up by ccplaced --simulate: nothing of it is written to Placement (a test "
        "may allow it with --allow_simulated)");
    return report;
  }
  return news ? sync_->Sync(state.capabilities()) : sync_->Check(state.capabilities());
}

void SyncLoop::Schedule(const SyncReport& report, TimePoint since) {
  const std::lock_guard<std::mutex> lock(mutex_);
  failing_ = !report.status.ok();
  if (failing_) {
    // What failed is news still; a state that came meanwhile has taken its place.
    news_ = true;
    news_at_ = since;
  } else {
    backoff_.Reset();
  }
  next_look_ =
      std::chrono::steady_clock::now() + (failing_ ? backoff_.Next() : NextInterval(report));
}

std::chrono::milliseconds SyncLoop::NextInterval(const SyncReport& report) {
  quiet_looks_ = report.quiet ? quiet_looks_ + 1 : 0;
  const std::chrono::milliseconds interval =
      quiet_looks_ >= kKindsOfLook ? options_.interval
                                   : std::min(options_.interval, options_.interval_after_change);
  const int64_t most = interval.count() / 10;
  std::uniform_int_distribution<int64_t> jitter(-most, most);
  return interval + std::chrono::milliseconds(jitter(random_));
}

}  // namespace ccplace::sync
