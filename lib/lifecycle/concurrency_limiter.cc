#include "lib/lifecycle/concurrency_limiter.h"

#include "absl/strings/str_cat.h"
#include "lib/base/status.h"
#include "lib/lifecycle/reasons.h"

namespace ccplace {

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
