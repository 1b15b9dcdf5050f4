#include "server/common/caller_log_rate_limiter.h"

#include <gtest/gtest.h>

namespace ccplace {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::chrono::steady_clock::time_point kStart{seconds(1000)};

// How many of `asked` lines of `caller` may be written.
uint64_t Written(CallerLogGate& gate, const std::string& caller, int asked) {
  uint64_t written = 0;
  for (int i = 0; i < asked; ++i) written += gate.Pass(caller, kStart).may_write ? 1 : 0;
  return written;
}

TEST(CallerLogGateTest, LetsTwentyLinesOfACallerThroughWhateverOthersWrote) {
  CallerLogGate gate;
  EXPECT_EQ(Written(gate, "a", 20), 20u);
  EXPECT_EQ(Written(gate, "a", 5), 0u);
  EXPECT_EQ(Written(gate, "b", 21), 20u);
}

TEST(CallerLogGateTest, TellsOnceWhatWasKeptBackWhenTenSecondsAreOver) {
  CallerLogGate gate;
  Written(gate, "a", 25);
  EXPECT_TRUE(gate.Pass("b", kStart + milliseconds(9999)).over.empty());
  const CallerLogGate::Answer after = gate.Pass("b", kStart + seconds(10));
  EXPECT_TRUE(after.may_write);
  ASSERT_EQ(after.over.size(), 1u);
  EXPECT_EQ(after.over[0].caller, "a");
  EXPECT_EQ(after.over[0].lines, 5u);
  EXPECT_TRUE(gate.Pass("a", kStart + seconds(11)).may_write);
  EXPECT_TRUE(gate.TakeRest().empty());
}

TEST(CallerLogGateTest, TellsAtTheEndWhatNobodyWasToldOf) {
  CallerLogGate gate;
  Written(gate, "a", 22);
  const auto rest = gate.TakeRest();
  ASSERT_EQ(rest.size(), 1u);
  EXPECT_EQ(rest[0].lines, 2u);
}

TEST(CallerLogGateTest, CountsCallersPastThoseItTellsApartTogether) {
  CallerLogGate gate;
  for (size_t i = 0; i < CallerLogGate::kCallers; ++i) Written(gate, std::to_string(i), 1);
  EXPECT_EQ(Written(gate, "x", 15) + Written(gate, "y", 15), 20u);
  EXPECT_EQ(Written(gate, "7", 19), 19u);
}

}  // namespace
}  // namespace ccplace
