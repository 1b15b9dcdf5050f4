#include "lib/base/uuid.h"

#include <gtest/gtest.h>

namespace ccplace {
namespace {

constexpr char kUuid[] = "5b1b4a5e-0b1c-4c67-9d4b-8f7f0a1b2c3d";

TEST(IsUuidTest, TakesTheTextFormInLowerCase) { EXPECT_TRUE(IsUuid(kUuid)); }

TEST(IsUuidTest, RefusesEveryOtherSpelling) {
  for (const char* other :
       {"", "5B1B4A5E-0B1C-4C67-9D4B-8F7F0A1B2C3D", "5b1b4a5e0b1c4c679d4b8f7f0a1b2c3d",
        "{5b1b4a5e-0b1c-4c67-9d4b-8f7f0a1b2c3d}", "5b1b4a5e-0b1c-4c67-9d4b-8f7f0a1b2c3g",
        "5b1b4a5e-0b1c-4c67-9d4b-8f7f0a1b2c3d\n", "5b1b4a5e-0b1c-4c67-9d4b-8f7f0a1b2c3"}) {
    EXPECT_FALSE(IsUuid(other)) << other;
  }
}

}  // namespace
}  // namespace ccplace
