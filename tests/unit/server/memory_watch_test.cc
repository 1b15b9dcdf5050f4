#include "server/memory_watch.h"

#include <gtest/gtest.h>

#include <string>

namespace ccplace {
namespace {

class MemoryWatchTest : public ::testing::Test {
 protected:
  bool IsTooMuchAt(size_t bytes) {
    resident_ = bytes;
    return watch_.IsTooMuch({});
  }

  size_t resident_ = 0;
  MemoryWatch watch_{1000, 100, [this] { return resident_; }};
};

TEST_F(MemoryWatchTest, FindsTheLimitEnoughAndAByteMoreTooMuch) {
  EXPECT_FALSE(IsTooMuchAt(1000));
  EXPECT_TRUE(IsTooMuchAt(1001));
  EXPECT_EQ(watch_.resident_bytes(), 1001u);
}

TEST_F(MemoryWatchTest, FindsMemoryThatDoesNotComeBackTooMuchOnce) {
  EXPECT_TRUE(IsTooMuchAt(5000));
  EXPECT_FALSE(IsTooMuchAt(5000));
  EXPECT_FALSE(IsTooMuchAt(5100));
}

TEST_F(MemoryWatchTest, FindsFurtherGrowthTooMuchFromWhereMemoryFellTo) {
  EXPECT_TRUE(IsTooMuchAt(5000));
  EXPECT_TRUE(IsTooMuchAt(5101));
  EXPECT_FALSE(IsTooMuchAt(2000));
  EXPECT_TRUE(IsTooMuchAt(2101));
  EXPECT_FALSE(IsTooMuchAt(500));
  EXPECT_FALSE(IsTooMuchAt(1000));
  EXPECT_TRUE(IsTooMuchAt(1001));
}

TEST_F(MemoryWatchTest, TakesMemoryThatCannotBeReadForEnough) { EXPECT_FALSE(IsTooMuchAt(0)); }

TEST(ResidentBytesTest, GrowsByWhatIsWritten) {
  const size_t before = ResidentBytes();
  ASSERT_GT(before, 0u);
  const std::string block(size_t{64} << 20, 'x');
  EXPECT_GT(ResidentBytes(), before + (size_t{60} << 20)) << block.size();
}

}  // namespace
}  // namespace ccplace
