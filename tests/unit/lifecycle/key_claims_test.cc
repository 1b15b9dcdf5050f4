#include "lib/lifecycle/key_claims.h"

#include <gtest/gtest.h>

#include "lib/base/status.h"

namespace ccplace {
namespace {

v1::KeyInventory FreeKeys(uint64_t count) {
  v1::KeyInventory keys;
  keys.mutable_free()->set_value(count);
  return keys;
}

TEST(KeyClaimsTest, GivesAsManyAsAreFreeAndTakesEachBackOnce) {
  KeyClaims claims;
  auto first = claims.Take(FreeKeys(2));
  ASSERT_TRUE(first.ok()) << first.status();
  const auto second = claims.Take(FreeKeys(2));
  ASSERT_TRUE(second.ok()) << second.status();
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(ReasonOf(claims.Take(FreeKeys(2)).status()), "STARTS_BUSY");
  }
  first->reset();
  const auto third = claims.Take(FreeKeys(2));
  EXPECT_TRUE(third.ok()) << third.status();
  EXPECT_EQ(ReasonOf(claims.Take(FreeKeys(2)).status()), "STARTS_BUSY");
}

TEST(KeyClaimsTest, SaysThatNoneIsFreeRatherThanThatStartsHaveThem) {
  KeyClaims claims;
  const auto one = claims.Take(FreeKeys(1));
  ASSERT_TRUE(one.ok()) << one.status();
  EXPECT_EQ(ReasonOf(claims.Take(FreeKeys(0)).status()), "NO_FREE_KEY");
}

TEST(KeyClaimsTest, RefusesNobodyWhereTheCountIsNotKnown) {
  KeyClaims claims;
  const auto one = claims.Take(v1::KeyInventory());
  const auto other = claims.Take(v1::KeyInventory());
  EXPECT_TRUE(one.ok()) << one.status();
  EXPECT_TRUE(other.ok()) << other.status();
}

}  // namespace
}  // namespace ccplace
