#include "lib/base/number.h"

#include "gtest/gtest.h"

namespace ccplace {
namespace {

TEST(NumberTest, ReadsDigitsUpToTheLargest) {
  EXPECT_EQ(ParseDecimal("0"), 0u);
  EXPECT_EQ(ParseDecimal("18446744073709551615"), UINT64_MAX);
}

TEST(NumberTest, RefusesEverythingElse) {
  for (const char* text : {"", "-1", "+1", " 1", "1 ", "0x1", "1.0", "18446744073709551616"}) {
    EXPECT_FALSE(ParseDecimal(text).has_value()) << text;
  }
}

}  // namespace
}  // namespace ccplace
