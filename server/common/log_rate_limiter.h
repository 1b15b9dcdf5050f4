// Keeps what a peer can cause at will from filling the log.
#ifndef CCPLACE_SERVER_COMMON_LOG_RATE_LIMITER_H_
#define CCPLACE_SERVER_COMMON_LOG_RATE_LIMITER_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace ccplace {

// Lets a number of lines of each caller through in ten seconds, and counts the others. The counts
// go into the first line after the ten seconds. Thread-safe.
class CallerLogRateLimiter {
 public:
  static constexpr uint64_t kLinesPerCaller = 20;
  // Callers that are counted apart in ten seconds; all further ones are one, "others".
  static constexpr size_t kCallers = 1024;

  struct Suppressed {
    std::string caller;
    uint64_t lines = 0;
  };
  struct Answer {
    bool may_write = false;
    std::vector<Suppressed> over;  // To be logged now: it is not returned again.
  };

  explicit CallerLogRateLimiter(uint64_t lines_per_caller = kLinesPerCaller)
      : lines_per_caller_(lines_per_caller) {}

  // Whether `caller` may have a line at `now`.
  Answer Allow(const std::string& caller, std::chrono::steady_clock::time_point now);

  // What was suppressed and is not logged yet: it is not returned again.
  std::vector<Suppressed> Flush();

 private:
  std::vector<Suppressed> Collect();

  const uint64_t lines_per_caller_;
  std::mutex mutex_;
  std::chrono::steady_clock::time_point end_;  // Of the ten seconds.
  std::map<std::string, uint64_t> lines_;      // Asked for since their beginning.
};

// Lets one line of a kind through, then none for ten seconds. Thread-safe.
class LogRateLimiter {
 public:
  // When a line may be written at `now`: how many were suppressed since the last one. Nothing:
  // suppress it.
  std::optional<uint64_t> Allow(std::chrono::steady_clock::time_point now);

 private:
  CallerLogRateLimiter one_{1};
};

}  // namespace ccplace

#endif  // CCPLACE_SERVER_COMMON_LOG_RATE_LIMITER_H_
