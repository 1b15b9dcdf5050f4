#include "server/life_signs.h"

#include "gtest/gtest.h"

namespace ccplace {
namespace {

using std::chrono::nanoseconds;

LifeSigns::Sign Silent(nanoseconds age) {
  return {"a thread", [age] { return age; }};
}

TEST(LifeSignsTest, LiveWhileEachThreadWasSilentForNoLongerThanItMay) {
  LifeSigns signs({Silent(nanoseconds(0)), Silent(LifeSigns::kLongestSilence)});
  EXPECT_TRUE(signs.AllAlive());
}

TEST(LifeSignsTest, OneThreadThatIsSilentForLongerIsEnough) {
  LifeSigns signs({Silent(nanoseconds(0)), Silent(LifeSigns::kLongestSilence + nanoseconds(1))});
  EXPECT_FALSE(signs.AllAlive());
}

}  // namespace
}  // namespace ccplace
