#include "lib/lifecycle/concurrency.h"

#include "absl/strings/str_cat.h"
#include "lib/base/status.h"
#include "lib/lifecycle/reasons.h"

namespace ccplace {

absl::StatusOr<UuidLocks::Held> UuidLocks::Lock(const std::string& uuid,
                                                std::chrono::steady_clock::time_point deadline) {
  std::unique_lock<std::mutex> lock(mutex_);
  if (!freed_.wait_until(lock, deadline, [&] { return held_.count(uuid) == 0; })) {
    return absl::DeadlineExceededError(absl::StrCat(
        "another call for domain ", uuid, " is still under way; repeat the same request"));
  }
  held_.insert(uuid);
  return Held(this, {uuid});
}

void UuidLocks::Unlock(const std::string& uuid) {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    held_.erase(uuid);
  }
  freed_.notify_all();
}

absl::StatusOr<ConcurrencyLimiter::Held> ConcurrencyLimiter::Acquire() {
  if (taken_.fetch_add(1) < limit_) return Held(this);
  --taken_;
  return WithReason(
      absl::ResourceExhaustedError(absl::StrCat(
          limit_,
          " starts, or calls that wait for one, are under way, as many as this host takes at one "
          "time; repeat the same request, or widen --hypervisor_threads")),
      reasons::kStartsBusy);
}

}  // namespace ccplace
