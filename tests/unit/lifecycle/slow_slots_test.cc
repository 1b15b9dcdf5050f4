#include "lib/lifecycle/slow_slots.h"

#include <gtest/gtest.h>

#include "lib/base/status.h"

namespace ccplace {
namespace {

TEST(SlowSlotsTest, GivesAsManyAsItHasAndTakesEachBackOnce) {
  SlowSlots slots(2);
  auto first = slots.Take();
  ASSERT_TRUE(first.ok()) << first.status();
  const auto second = slots.Take();
  ASSERT_TRUE(second.ok()) << second.status();
  for (int i = 0; i < 3; ++i) EXPECT_EQ(ReasonOf(slots.Take().status()), "STARTS_BUSY");
  first->reset();
  const auto third = slots.Take();
  EXPECT_TRUE(third.ok()) << third.status();
  EXPECT_EQ(ReasonOf(slots.Take().status()), "STARTS_BUSY");
}

}  // namespace
}  // namespace ccplace
