#include "lib/base/enum_name.h"

#include "ccplace/v1/capability.pb.h"
#include "ccplace/v1/domain.pb.h"
#include "gtest/gtest.h"

namespace ccplace {
namespace {

TEST(EnumNameTest, LeavesTheEnumsOwnPrefixOut) {
  EXPECT_EQ(UpperEnumName(v1::SUPPORT_UNKNOWN), "UNKNOWN");
  EXPECT_EQ(UpperEnumName(v1::CHECK_KIND_KERNEL_PARAMETER), "KERNEL_PARAMETER");
}

TEST(EnumNameTest, SeparatesWordsAsAsked) {
  EXPECT_EQ(LowerEnumName(v1::ENCRYPTION_MODEL_INTEL_TDX, "-"), "intel-tdx");
  EXPECT_EQ(LowerEnumName(v1::DOMAIN_STATE_SHUT_OFF, "_"), "shut_off");
  EXPECT_EQ(LowerEnumName(v1::CHECK_KIND_KERNEL_PARAMETER, " "), "kernel parameter");
}

TEST(EnumNameTest, GivesTheNumberOfAValueFromANewerContract) {
  EXPECT_EQ(UpperEnumName(static_cast<v1::Support>(77)), "value 77");
}

}  // namespace
}  // namespace ccplace
