#include "server/common/log_rate_limiter.h"

#include <gtest/gtest.h>

namespace ccplace {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

TEST(LogGateTest, LetsTheFirstLineThroughAtOnceAndTheNextAfterTenSeconds) {
  const std::chrono::steady_clock::time_point start{};
  LogGate gate;
  EXPECT_EQ(gate.Pass(start), 0u);
  EXPECT_EQ(gate.Pass(start), std::nullopt);
  EXPECT_EQ(gate.Pass(start + milliseconds(9999)), std::nullopt);
  EXPECT_EQ(gate.Pass(start + seconds(10)), 2u);
  EXPECT_EQ(gate.Pass(start + seconds(11)), std::nullopt);
  EXPECT_EQ(gate.Pass(start + seconds(60)), 1u);
}

}  // namespace
}  // namespace ccplace
