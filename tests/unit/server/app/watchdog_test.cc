#include "server/app/watchdog.h"

#include "gtest/gtest.h"

namespace ccplace {
namespace {

using std::chrono::nanoseconds;

LifeSigns OfAThreadSilentFor(nanoseconds silence) {
  return {"a thread", [silence] { return silence; }};
}

TEST(LifeSignsTest, ThereAreWhileTheThreadWasSilentForNoLongerThanItMay) {
  EXPECT_TRUE(OfAThreadSilentFor(nanoseconds(0)).IsAlive());
  EXPECT_TRUE(OfAThreadSilentFor(LifeSigns::kLongestSilence).IsAlive());
}

TEST(LifeSignsTest, ThereAreNoneOfAThreadThatIsSilentForLonger) {
  EXPECT_FALSE(OfAThreadSilentFor(LifeSigns::kLongestSilence + nanoseconds(1)).IsAlive());
}

}  // namespace
}  // namespace ccplace
