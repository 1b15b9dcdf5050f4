#include "gtest/gtest.h"
#include "server/app/systemd.h"

namespace ccplace {
namespace {

using std::chrono::nanoseconds;

Watchdog OfAThreadSilentFor(nanoseconds silence) {
  return {"a thread", [silence] { return silence; }};
}

TEST(WatchdogTest, ThereAreWhileTheThreadWasSilentForNoLongerThanItMay) {
  EXPECT_TRUE(OfAThreadSilentFor(nanoseconds(0)).IsAlive());
  EXPECT_TRUE(OfAThreadSilentFor(Watchdog::kMaxHeartbeatAge).IsAlive());
}

TEST(WatchdogTest, ThereAreNoneOfAThreadThatIsSilentForLonger) {
  EXPECT_FALSE(OfAThreadSilentFor(Watchdog::kMaxHeartbeatAge + nanoseconds(1)).IsAlive());
}

}  // namespace
}  // namespace ccplace
