#include "lib/lifecycle/key_claims.h"

#include <gtest/gtest.h>

#include "lib/base/status.h"
#include "tests/support/fake_host_state.h"

namespace ccplace {
namespace {

// A host whose free keys are counted.
class KeyClaimsTest : public testing::Test {
 protected:
  KeyClaimsTest() {
    state_.snapshot.capabilities.add_models()->set_model(v1::ENCRYPTION_MODEL_INTEL_TDX);
  }

  absl::StatusOr<KeyClaims::Held> Take(uint64_t free_keys) {
    state_.snapshot.capabilities.mutable_models(0)->mutable_keys()->mutable_free()->set_value(
        free_keys);
    return claims_.Take(state_);
  }

  FakeHostState state_;
  KeyClaims claims_;
};

TEST_F(KeyClaimsTest, GivesAsManyAsAreFreeAndTakesEachBackOnce) {
  auto first = Take(2);
  ASSERT_TRUE(first.ok()) << first.status();
  const auto second = Take(2);
  ASSERT_TRUE(second.ok()) << second.status();
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(ReasonOf(Take(2).status()), "STARTS_BUSY");
  }
  first->reset();
  const auto third = Take(2);
  EXPECT_TRUE(third.ok()) << third.status();
  EXPECT_EQ(ReasonOf(Take(2).status()), "STARTS_BUSY");
}

TEST_F(KeyClaimsTest, SaysThatNoneIsFreeRatherThanThatStartsHaveThem) {
  const auto one = Take(1);
  ASSERT_TRUE(one.ok()) << one.status();
  EXPECT_EQ(ReasonOf(Take(0).status()), "NO_FREE_KEY");
}

TEST_F(KeyClaimsTest, SaysThatKeysAreWithheldRatherThanInUse) {
  state_.snapshot.capabilities.mutable_models(0)->mutable_keys()->set_withheld("nobody listens");
  const absl::Status refusal = Take(0).status();
  EXPECT_EQ(ReasonOf(refusal), "NO_FREE_KEY");
  EXPECT_NE(std::string(refusal.message()).find("keys are withheld: nobody listens"),
            std::string::npos);
}

TEST_F(KeyClaimsTest, RefusesNobodyWhereTheCountIsNotKnown) {
  const auto one = claims_.Take(state_);
  const auto other = claims_.Take(state_);
  EXPECT_TRUE(one.ok()) << one.status();
  EXPECT_TRUE(other.ok()) << other.status();
}

}  // namespace
}  // namespace ccplace
