#include "server/common/log_rate_limiter.h"

#include <gtest/gtest.h>

namespace ccplace {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

TEST(LogRateLimiterTest, LetsTheFirstLineThroughAtOnceAndTheNextAfterTenSeconds) {
  const std::chrono::steady_clock::time_point start{};
  LogRateLimiter limiter;
  EXPECT_EQ(limiter.Allow(start), 0u);
  EXPECT_EQ(limiter.Allow(start), std::nullopt);
  EXPECT_EQ(limiter.Allow(start + milliseconds(9999)), std::nullopt);
  EXPECT_EQ(limiter.Allow(start + seconds(10)), 2u);
  EXPECT_EQ(limiter.Allow(start + seconds(11)), std::nullopt);
  EXPECT_EQ(limiter.Allow(start + seconds(60)), 1u);
}

constexpr std::chrono::steady_clock::time_point kStart{seconds(1000)};

// How many of `asked` lines of `caller` may be written.
uint64_t Written(CallerLogRateLimiter& limiter, const std::string& caller, int asked) {
  uint64_t written = 0;
  for (int i = 0; i < asked; ++i) written += limiter.Allow(caller, kStart).may_write ? 1 : 0;
  return written;
}

TEST(CallerLogRateLimiterTest, LetsTwentyLinesOfACallerThroughWhateverOthersWrote) {
  CallerLogRateLimiter limiter;
  EXPECT_EQ(Written(limiter, "a", 20), 20u);
  EXPECT_EQ(Written(limiter, "a", 5), 0u);
  EXPECT_EQ(Written(limiter, "b", 21), 20u);
}

TEST(CallerLogRateLimiterTest, TellsOnceWhatWasKeptBackWhenTenSecondsAreOver) {
  CallerLogRateLimiter limiter;
  Written(limiter, "a", 25);
  EXPECT_TRUE(limiter.Allow("b", kStart + milliseconds(9999)).over.empty());
  const CallerLogRateLimiter::Answer after = limiter.Allow("b", kStart + seconds(10));
  EXPECT_TRUE(after.may_write);
  ASSERT_EQ(after.over.size(), 1u);
  EXPECT_EQ(after.over[0].caller, "a");
  EXPECT_EQ(after.over[0].lines, 5u);
  EXPECT_TRUE(limiter.Allow("a", kStart + seconds(11)).may_write);
  EXPECT_TRUE(limiter.Flush().empty());
}

TEST(CallerLogRateLimiterTest, TellsAtTheEndWhatNobodyWasToldOf) {
  CallerLogRateLimiter limiter;
  Written(limiter, "a", 22);
  const auto rest = limiter.Flush();
  ASSERT_EQ(rest.size(), 1u);
  EXPECT_EQ(rest[0].lines, 2u);
}

TEST(CallerLogRateLimiterTest, CountsCallersPastThoseItTellsApartTogether) {
  CallerLogRateLimiter limiter;
  for (size_t i = 0; i < CallerLogRateLimiter::kCallers; ++i)
    Written(limiter, std::to_string(i), 1);
  EXPECT_EQ(Written(limiter, "x", 15) + Written(limiter, "y", 15), 20u);
  EXPECT_EQ(Written(limiter, "7", 19), 19u);
}

}  // namespace
}  // namespace ccplace
