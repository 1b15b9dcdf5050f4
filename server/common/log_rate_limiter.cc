#include "server/common/log_rate_limiter.h"

#include <utility>

namespace ccplace {
namespace {

constexpr std::chrono::seconds kQuietTime{10};

}  // namespace

std::optional<uint64_t> LogGate::Pass(std::chrono::steady_clock::time_point now) {
  if (closed_until_.has_value() && now < *closed_until_) {
    ++held_back_;
    return std::nullopt;
  }
  closed_until_ = now + kQuietTime;
  return std::exchange(held_back_, 0);
}

}  // namespace ccplace
