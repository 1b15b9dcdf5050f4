#include "lib/base/backoff.h"

#include "gtest/gtest.h"

namespace ccplace {
namespace {

using std::chrono::milliseconds;

TEST(BackoffTest, WaitsDoubleUpToTheMost) {
  Backoff backoff(milliseconds(100), milliseconds(350), 1);
  for (const int step : {100, 200, 350, 350, 350}) {
    const milliseconds wait = backoff.Next();
    EXPECT_GE(wait, milliseconds(step / 2));
    EXPECT_LE(wait, milliseconds(step));
  }
}

TEST(BackoffTest, SuccessStartsItAnew) {
  Backoff backoff(milliseconds(100), milliseconds(10000), 1);
  for (int i = 0; i < 5; ++i) backoff.Next();
  backoff.Reset();
  EXPECT_LE(backoff.Next(), milliseconds(100));
}

TEST(BackoffTest, TwoHostsDoNotComeBackAsOne) {
  Backoff one(milliseconds(1000), milliseconds(10000), 1);
  Backoff other(milliseconds(1000), milliseconds(10000), 2);
  EXPECT_NE(one.Next(), other.Next());
}

}  // namespace
}  // namespace ccplace
