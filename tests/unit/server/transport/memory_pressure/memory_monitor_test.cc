#include "server/transport/memory_pressure/memory_monitor.h"

#include <gtest/gtest.h>

#include <string>

namespace ccplace {
namespace {

class MemoryMonitorTest : public ::testing::Test {
 protected:
  MemoryUse LookAt(size_t bytes) {
    resident_ = bytes;
    return watch_.Poll({});
  }

  size_t resident_ = 0;
  MemoryMonitor watch_{1000, 100, [this] { return resident_; }};
};

TEST_F(MemoryMonitorTest, FindsTheLimitEnoughAndAByteMoreTooMuch) {
  EXPECT_EQ(LookAt(1000), MemoryUse::kEnough);
  EXPECT_EQ(LookAt(1001), MemoryUse::kTooMuch);
  EXPECT_EQ(watch_.resident_bytes(), 1001u);
}

TEST_F(MemoryMonitorTest, FindsTwiceTheLimitTooMuchAndFurtherGrowthFarTooMuch) {
  EXPECT_EQ(LookAt(2000), MemoryUse::kTooMuch);
  EXPECT_EQ(LookAt(2101), MemoryUse::kFarTooMuch);
}

TEST_F(MemoryMonitorTest, FindsMemoryThatDoesNotComeBackTooMuchOnce) {
  EXPECT_EQ(LookAt(5000), MemoryUse::kFarTooMuch);
  EXPECT_EQ(LookAt(5000), MemoryUse::kEnough);
  EXPECT_EQ(LookAt(5100), MemoryUse::kEnough);
}

TEST_F(MemoryMonitorTest, FindsFurtherGrowthTooMuchFromWhereMemoryFellTo) {
  EXPECT_EQ(LookAt(5000), MemoryUse::kFarTooMuch);
  EXPECT_EQ(LookAt(5101), MemoryUse::kFarTooMuch);
  EXPECT_EQ(LookAt(2000), MemoryUse::kEnough);
  EXPECT_EQ(LookAt(2101), MemoryUse::kFarTooMuch);
  EXPECT_EQ(LookAt(500), MemoryUse::kEnough);
  EXPECT_EQ(LookAt(1000), MemoryUse::kEnough);
  EXPECT_EQ(LookAt(1001), MemoryUse::kTooMuch);
}

TEST_F(MemoryMonitorTest, TakesMemoryThatCannotBeReadForEnough) {
  EXPECT_EQ(LookAt(0), MemoryUse::kEnough);
}

TEST(ResidentBytesTest, GrowsByWhatIsWritten) {
  const size_t before = ResidentBytes();
  ASSERT_GT(before, 0u);
  const std::string block(size_t{64} << 20, 'x');
  EXPECT_GT(ResidentBytes(), before + (size_t{60} << 20)) << block.size();
}

}  // namespace
}  // namespace ccplace
