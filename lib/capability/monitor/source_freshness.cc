#include "lib/capability/monitor/source_freshness.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"

namespace ccplace {
namespace {

using std::chrono::duration_cast;
using std::chrono::milliseconds;
using std::chrono::nanoseconds;

constexpr int64_t kNanosPerSecond = 1000000000;

int64_t Nanos(nanoseconds time) { return time.count(); }

}  // namespace

SourceFreshness::SourceFreshness(milliseconds period, const Clock& clock)
    : period_(period), clock_(clock) {}

void SourceFreshness::MarkRead(std::chrono::steady_clock::time_point began) {
  const auto ago = std::max(clock_.Monotonic() - began, nanoseconds::zero());
  const size_t next = 1 - latest_.load(std::memory_order_relaxed);
  moments_[next].monotonic_ns.store(Nanos(began.time_since_epoch()), std::memory_order_relaxed);
  moments_[next].wall_ns.store(Nanos(clock_.Wall().time_since_epoch() - ago),
                               std::memory_order_relaxed);
  latest_.store(next, std::memory_order_release);
  failed_.store(false, std::memory_order_release);
}

void SourceFreshness::MarkFailed(std::string reason) {
  reason_.Publish(std::make_shared<const std::string>(std::move(reason)));
  failed_.store(true, std::memory_order_release);
}

nanoseconds SourceFreshness::AgeOf(const Moment& moment) const {
  const nanoseconds now = clock_.Monotonic().time_since_epoch();
  const nanoseconds then(moment.monotonic_ns.load(std::memory_order_relaxed));
  return std::max(now - then, nanoseconds::zero());
}

bool SourceFreshness::IsStale() const {
  const Moment& last = LastRead();
  if (failed_.load(std::memory_order_acquire)) return true;
  return last.wall_ns.load(std::memory_order_relaxed) == 0 || IsOld(AgeOf(last));
}

void SourceFreshness::Fill(v1::FactsAge& age) const {
  const Moment& last = LastRead();
  const int64_t wall_ns = last.wall_ns.load(std::memory_order_relaxed);
  const nanoseconds old = AgeOf(last);
  if (wall_ns != 0) {
    age.mutable_read_at()->set_seconds(wall_ns / kNanosPerSecond);
    age.mutable_read_at()->set_nanos(static_cast<int32_t>(wall_ns % kNanosPerSecond));
    age.set_age_ms(static_cast<uint64_t>(duration_cast<milliseconds>(old).count()));
  }
  if (failed_.load(std::memory_order_acquire)) {
    age.set_reason(*reason_.Current());
  } else if (wall_ns == 0) {
    age.set_reason("not read since the daemon started");
  } else if (IsOld(old)) {
    age.set_reason(absl::StrCat("not read for three refresh periods of ", period_.count(), " ms"));
  }
  age.set_stale(!age.reason().empty());
}

}  // namespace ccplace
