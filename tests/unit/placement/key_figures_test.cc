#include "lib/placement/key_figures.h"

#include <algorithm>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace ccplace {
namespace {

using ::testing::HasSubstr;

OfferedKeys Offered(uint64_t total, uint64_t held_back, std::optional<uint64_t> in_use,
                    std::optional<uint64_t> unaccounted) {
  return {total, held_back, in_use, unaccounted, "", 0};
}

TEST(DecideFiguresTest, OffersEveryKeyOfAnIdleHost) {
  const DecidedFigures decided = DecideFigures(Offered(63, 0, 0, 0), 0, {});
  EXPECT_EQ(decided.keys, (KeyFigures{63, 0}));
  EXPECT_FALSE(decided.overcommitted);
  EXPECT_EQ(decided.why, "the host offers 63 keys");
}

TEST(DecideFiguresTest, ReservesWhatIsHeldBackAndWhatIsInUseUnseen) {
  const DecidedFigures decided = DecideFigures(Offered(63, 4, 3, 3), 0, {});
  EXPECT_EQ(decided.keys, (KeyFigures{63, 7}));
  EXPECT_THAT(decided.why, HasSubstr("4 of them held back"));
  EXPECT_THAT(decided.why, HasSubstr("3 in use that no allocation accounts for"));
}

TEST(DecideFiguresTest, ReservesAllOfAHostThatWithholdsThemAndSaysWhy) {
  OfferedKeys offered = Offered(63, 63, 3, 0);
  offered.withheld = "no quote service";
  const DecidedFigures decided = DecideFigures(offered, 3, KeyFigures{63, 0});
  EXPECT_EQ(decided.keys, (KeyFigures{63, 63}));
  EXPECT_FALSE(decided.overcommitted);
  EXPECT_THAT(decided.why, HasSubstr("withholds all of them: no quote service"));
  EXPECT_THAT(decided.why, ::testing::Not(HasSubstr("by configuration")));
}

TEST(DecideFiguresTest, ReservesForAGuestThatLibvirtRunsAndNovaNeverAllocated) {
  EXPECT_EQ(DecideFigures(Offered(63, 0, 5, 0), 3, {}).keys.reserved, 2u);
}

TEST(DecideFiguresTest, ReservesNothingForAnAllocationWhoseGuestHasNotStarted) {
  EXPECT_EQ(DecideFigures(Offered(63, 0, 3, 0), 8, {}).keys.reserved, 0u);
}

TEST(DecideFiguresTest, ReservesALeakedKeyEvenBehindAllocationsThatHaveNotStarted) {
  EXPECT_EQ(DecideFigures(Offered(63, 0, 4, 2), 8, {}).keys.reserved, 2u);
}

TEST(DecideFiguresTest, LowersReservedWhenLeakedKeysReturn) {
  EXPECT_EQ(DecideFigures(Offered(63, 1, 0, 0), 0, KeyFigures{63, 9}).keys.reserved, 1u);
}

TEST(DecideFiguresTest, KeepsReservedWhileUseIsUnknown) {
  const DecidedFigures decided = DecideFigures(Offered(63, 2, {}, {}), 0, KeyFigures{63, 9});
  EXPECT_EQ(decided.keys.reserved, 9u);
  EXPECT_THAT(decided.why, HasSubstr("unknown"));
  EXPECT_EQ(DecideFigures(Offered(63, 2, {}, {}), 0, KeyFigures{63, 1}).keys.reserved, 2u);
  EXPECT_EQ(DecideFigures(Offered(63, 2, {}, {}), 0, {}).keys.reserved, 2u);
}

// Of a domain that cannot be read nobody knows whether one of the keys in use is its own.
TEST(DecideFiguresTest, LowersReservedOnlyWhereAllUseIsKnown) {
  const DecidedFigures decided = DecideFigures(Offered(63, 0, 4, {}), 8, KeyFigures{63, 2});
  EXPECT_EQ(decided.keys.reserved, 2u);
  EXPECT_THAT(decided.why, HasSubstr("unknown"));
  EXPECT_EQ(DecideFigures(Offered(63, 0, 9, {}), 3, KeyFigures{63, 2}).keys.reserved, 6u);
}

TEST(DecideFiguresTest, GrowsTheTotalAtOnce) {
  EXPECT_EQ(DecideFigures(Offered(63, 0, 0, 0), 5, KeyFigures{10, 0}).keys, (KeyFigures{63, 0}));
}

TEST(DecideFiguresTest, ShrinksTheTotalWhenTheAllocationsFit) {
  const DecidedFigures decided = DecideFigures(Offered(10, 0, 10, 0), 10, KeyFigures{63, 0});
  EXPECT_EQ(decided.keys, (KeyFigures{10, 0}));
  EXPECT_FALSE(decided.overcommitted);
}

TEST(DecideFiguresTest, KeepsTheTotalAndReservesTheDifferenceWhileMoreIsAllocated) {
  const DecidedFigures decided = DecideFigures(Offered(10, 1, 20, 0), 20, KeyFigures{63, 0});
  EXPECT_EQ(decided.keys, (KeyFigures{63, 54}));
  EXPECT_TRUE(decided.overcommitted);
  EXPECT_THAT(decided.why, HasSubstr("20 are allocated"));
}

TEST(DecideFiguresTest, SaysTheSameOfAHeldShrinkAgain) {
  const DecidedFigures decided = DecideFigures(Offered(10, 1, 20, 0), 20, KeyFigures{63, 54});
  EXPECT_EQ(decided.keys, (KeyFigures{63, 54}));
}

TEST(PromisedTooManyTest, CountsKeysInUseWithoutAnAllocation) {
  EXPECT_EQ(PromisedTooMany(Offered(63, 0, 5, 0), {63, 0}, 5), 0u);
  EXPECT_EQ(PromisedTooMany(Offered(63, 0, 5, 0), {63, 0}, 3), 2u);
  EXPECT_EQ(PromisedTooMany(Offered(63, 0, 63, 0), {63, 0}, 0), 63u);
}

// Servers that are shut off, or about to start.
TEST(PromisedTooManyTest, MindsNoAllocationWithoutAKeyInUse) {
  EXPECT_EQ(PromisedTooMany(Offered(63, 0, 0, 0), {63, 0}, 63), 0u);
  EXPECT_EQ(PromisedTooMany(Offered(63, 0, 1, 0), {63, 0}, 70), 0u);
}

// num_intel_tdx_guests = 31 on a host that others share.
TEST(PromisedTooManyTest, MindsNoUseOfWhatIsNotPromised) {
  OfferedKeys platform = Offered(31, 0, 25, 20);
  platform.beyond_limit = 32;
  EXPECT_EQ(PromisedTooMany(platform, {31, 0}, 5), 0u);
  platform.in_use = 40;
  EXPECT_EQ(PromisedTooMany(platform, {31, 0}, 5), 3u);
  EXPECT_EQ(PromisedTooMany(platform, {31, 3}, 5), 0u);
}

TEST(PromisedTooManyTest, CountsPromisesOfKeysThatAreNotThere) {
  EXPECT_EQ(PromisedTooMany(Offered(63, 0, 0, 0), {70, 0}, 0), 7u);
  EXPECT_EQ(PromisedTooMany(Offered(63, 0, 90, 27), {63, 0}, 60), 3u);
}

TEST(PromisedTooManyTest, ClaimsNothingWhereTheUseIsUnknown) {
  EXPECT_EQ(PromisedTooMany(Offered(63, 0, {}, {}), {63, 0}, 0), 0u);
}

// Whatever the figures: reserved fits the total, and no key is offered that is not there.
TEST(DecideFiguresTest, NeverOffersAKeyThatIsGone) {
  const uint64_t most = UINT64_MAX;
  for (const uint64_t total : {1ul, 5ul, 2147483647ul}) {
    for (const uint64_t held : {0ul, 1ul, 5ul}) {
      for (const uint64_t in_use : {0ul, 3ul, 6ul, most}) {
        for (const uint64_t unaccounted : {0ul, 2ul, most}) {
          for (const uint64_t allocated : {0ul, 3ul, 9ul}) {
            const uint64_t held_back = std::min(held, total);
            const KeyFigures keys =
                DecideFigures(Offered(total, held_back, in_use, std::min(unaccounted, in_use)),
                              allocated, KeyFigures{std::max<uint64_t>(total, 9), 0})
                    .keys;
            ASSERT_LE(keys.reserved, keys.total);
            const uint64_t open = keys.total - keys.reserved;
            const uint64_t offered = open > allocated ? open - allocated : 0;
            const uint64_t usable = total - held_back;
            ASSERT_LE(offered, usable > in_use ? usable - in_use : 0);
          }
        }
      }
    }
  }
}

TEST(ClosedFiguresTest, LeavesNoRoom) { EXPECT_EQ(ClosedFigures({63, 2}), (KeyFigures{63, 63})); }

}  // namespace
}  // namespace ccplace
