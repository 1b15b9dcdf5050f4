#include <gtest/gtest.h>

#include "lib/base/status.h"
#include "lib/lifecycle/concurrency.h"

namespace ccplace {
namespace {

TEST(ConcurrencyLimiterTest, GivesAsManyAsItHasAndTakesEachBackOnce) {
  ConcurrencyLimiter slots(2);
  auto first = slots.Acquire();
  ASSERT_TRUE(first.ok()) << first.status();
  const auto second = slots.Acquire();
  ASSERT_TRUE(second.ok()) << second.status();
  for (int i = 0; i < 3; ++i) EXPECT_EQ(ReasonOf(slots.Acquire().status()), "STARTS_BUSY");
  first->reset();
  const auto third = slots.Acquire();
  EXPECT_TRUE(third.ok()) << third.status();
  EXPECT_EQ(ReasonOf(slots.Acquire().status()), "STARTS_BUSY");
}

}  // namespace
}  // namespace ccplace
