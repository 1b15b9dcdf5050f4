#include "lib/capability/monitor/source_freshness.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/clock_fake.h"

namespace ccplace {
namespace {

using std::chrono::milliseconds;
using testing::HasSubstr;

class SourceFreshnessTest : public testing::Test {
 protected:
  v1::FactsAge Age() const {
    v1::FactsAge age;
    freshness_.Fill(age);
    EXPECT_EQ(age.stale(), freshness_.IsStale());
    EXPECT_EQ(age.stale(), !age.reason().empty());
    return age;
  }

  ClockFake clock_;
  SourceFreshness freshness_{milliseconds(1000), clock_};
};

TEST_F(SourceFreshnessTest, IsStaleBeforeTheFirstReading) {
  EXPECT_TRUE(Age().stale());
  EXPECT_FALSE(Age().has_read_at());
  EXPECT_EQ(Age().age_ms(), 0u);
}

TEST_F(SourceFreshnessTest, CountsItsAgeFromTheBeginningOfTheReading) {
  const auto began = clock_.Monotonic();
  clock_.Advance(milliseconds(250));
  freshness_.MarkRead(began);
  EXPECT_FALSE(Age().stale());
  EXPECT_EQ(Age().age_ms(), 250u);
  EXPECT_EQ(Age().read_at().seconds(), 1000000);
  clock_.Advance(milliseconds(500));
  EXPECT_EQ(Age().age_ms(), 750u);
  EXPECT_EQ(Age().read_at().seconds(), 1000000);
}

TEST_F(SourceFreshnessTest, AFailedAttemptIsStaleAndSaysWhyUntilTheNextReading) {
  freshness_.MarkRead(clock_.Monotonic());
  freshness_.MarkFailed("libvirtd is gone");
  EXPECT_TRUE(Age().stale());
  EXPECT_EQ(Age().reason(), "libvirtd is gone");
  EXPECT_TRUE(Age().has_read_at());
  freshness_.MarkRead(clock_.Monotonic());
  EXPECT_FALSE(Age().stale());
}

TEST_F(SourceFreshnessTest, ThreeMissedPeriodsAreStale) {
  freshness_.MarkRead(clock_.Monotonic());
  clock_.Advance(milliseconds(2999));
  EXPECT_FALSE(Age().stale());
  clock_.Advance(milliseconds(1));
  EXPECT_TRUE(Age().stale());
  EXPECT_THAT(Age().reason(), HasSubstr("three refresh periods of 1000 ms"));
}

TEST_F(SourceFreshnessTest, AJumpOfTheHostsClockMakesNothingOlder) {
  freshness_.MarkRead(clock_.Monotonic());
  clock_.JumpWall(milliseconds(-900000));
  EXPECT_EQ(Age().age_ms(), 0u);
  clock_.JumpWall(milliseconds(1800000));
  EXPECT_EQ(Age().age_ms(), 0u);
  EXPECT_FALSE(Age().stale());
}

}  // namespace
}  // namespace ccplace
