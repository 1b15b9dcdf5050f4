// Keeps what a peer can bring about at will from filling the log.
#ifndef CCPLACE_SERVER_COMMON_LOG_RATE_LIMITER_H_
#define CCPLACE_SERVER_COMMON_LOG_RATE_LIMITER_H_

#include <chrono>
#include <cstdint>
#include <optional>

namespace ccplace {

// Lets one line of a kind through, then none for ten seconds. Not thread-safe.
class LogRateLimiter {
 public:
  // When a line may be written at `now`: how many were held back since the last one. Nothing: hold
  // it back.
  std::optional<uint64_t> Allow(std::chrono::steady_clock::time_point now);

 private:
  std::optional<std::chrono::steady_clock::time_point> suppressed_until_;
  uint64_t suppressed_ = 0;
};

}  // namespace ccplace

#endif  // CCPLACE_SERVER_COMMON_LOG_RATE_LIMITER_H_
