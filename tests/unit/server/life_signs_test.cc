#include "server/life_signs.h"

#include "gtest/gtest.h"
#include "tests/lib/fake_host_state.h"

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

TEST(SignOfFactsTest, IsAsOldAsTheLatestReadingOfTheHostsFiles) {
  FakeHostState state;
  v1::FactsAge& files = *state.freshness.mutable_host_files();
  files.mutable_read_at()->set_seconds(1);
  files.set_age_ms(70'000);
  EXPECT_EQ(SignOfFacts(state).age(), std::chrono::milliseconds(70'000));
}

TEST(SignOfFactsTest, GrowsOldWhereTheFirstReadingNeverEnds) {
  const FakeHostState state;
  const LifeSigns::Sign sign = SignOfFacts(state);
  const auto before = sign.age();
  while (sign.age() == before) {
  }
  EXPECT_GT(sign.age(), before);
}

TEST(HeartbeatTest, IsAsOldAsItsLatestBeat) {
  Heartbeat heartbeat;
  while (heartbeat.Age() < std::chrono::milliseconds(50)) {
  }
  const auto began = std::chrono::steady_clock::now();
  heartbeat.Beat();
  const auto age = heartbeat.Age();
  EXPECT_LE(age, std::chrono::steady_clock::now() - began);
}

}  // namespace
}  // namespace ccplace
