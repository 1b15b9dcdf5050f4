#include "server/common/log_rate_limiter.h"

#include <utility>

namespace ccplace {
namespace {

constexpr std::chrono::seconds kWindow{10};
constexpr char kOthers[] = "others";

}  // namespace

CallerLogRateLimiter::Answer CallerLogRateLimiter::Allow(
    const std::string& caller, std::chrono::steady_clock::time_point now) {
  const std::lock_guard<std::mutex> lock(mutex_);
  Answer answer;
  if (now >= end_) {
    answer.over = Collect();
    end_ = now + kWindow;
  }
  const bool told_apart = lines_.size() < kCallers || lines_.count(caller) > 0;
  answer.may_write = ++lines_[told_apart ? caller : kOthers] <= lines_per_caller_;
  return answer;
}

std::vector<CallerLogRateLimiter::Suppressed> CallerLogRateLimiter::Flush() {
  const std::lock_guard<std::mutex> lock(mutex_);
  return Collect();
}

std::vector<CallerLogRateLimiter::Suppressed> CallerLogRateLimiter::Collect() {
  std::vector<Suppressed> suppressed;
  for (const auto& [caller, lines] : std::exchange(lines_, {})) {
    if (lines > lines_per_caller_) suppressed.push_back({caller, lines - lines_per_caller_});
  }
  return suppressed;
}

std::optional<uint64_t> LogRateLimiter::Allow(std::chrono::steady_clock::time_point now) {
  const CallerLogRateLimiter::Answer answer = one_.Allow("", now);
  if (!answer.may_write) return std::nullopt;
  return answer.over.empty() ? 0 : answer.over.front().lines;
}

}  // namespace ccplace
