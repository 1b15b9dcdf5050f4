// Keeps what one caller can bring about at will from filling the log, and counts what it keeps
// back.
#ifndef CCPLACE_SERVER_COMMON_CALLER_LOG_RATE_LIMITER_H_
#define CCPLACE_SERVER_COMMON_CALLER_LOG_RATE_LIMITER_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <vector>

namespace ccplace {

// Lets so many lines of each caller through in ten seconds. Those kept back are counted, and told
// of by whoever has the next line to write once the ten seconds are over. Thread-safe.
class CallerLogRateLimiter {
 public:
  static constexpr uint64_t kLinesPerCaller = 20;
  // Callers that are told apart in ten seconds; all further ones are one, "others".
  static constexpr size_t kCallers = 1024;

  struct Suppressed {
    std::string caller;
    uint64_t lines = 0;
  };
  struct Answer {
    bool may_write = false;
    std::vector<Suppressed> over;  // To be told of now: it is not told again.
  };

  // Whether `caller` may have a line at `now`.
  Answer Allow(const std::string& caller, std::chrono::steady_clock::time_point now);

  // What was kept back and is not told of yet: it is not told again.
  std::vector<Suppressed> Flush();

 private:
  std::vector<Suppressed> Collect();

  std::mutex mutex_;
  std::chrono::steady_clock::time_point end_;  // Of the ten seconds.
  std::map<std::string, uint64_t> lines_;      // Asked for since their beginning.
};

}  // namespace ccplace

#endif  // CCPLACE_SERVER_COMMON_CALLER_LOG_RATE_LIMITER_H_
