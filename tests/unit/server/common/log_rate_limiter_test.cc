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

}  // namespace
}  // namespace ccplace
