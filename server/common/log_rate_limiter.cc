#include "server/common/log_rate_limiter.h"

#include <utility>

namespace ccplace {
namespace {

constexpr std::chrono::seconds kQuietTime{10};

}  // namespace

std::optional<uint64_t> LogRateLimiter::Allow(std::chrono::steady_clock::time_point now) {
  if (suppressed_until_.has_value() && now < *suppressed_until_) {
    ++suppressed_;
    return std::nullopt;
  }
  suppressed_until_ = now + kQuietTime;
  return std::exchange(suppressed_, 0);
}

}  // namespace ccplace
