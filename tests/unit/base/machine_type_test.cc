#include "lib/base/machine_type.h"

#include "gtest/gtest.h"

namespace ccplace {
namespace {

TEST(ConfidentialMachineTypeTest, IsTheDefaultWhereThatIsAQ35One) {
  EXPECT_EQ(ConfidentialMachineType("pc-q35-9.2"), "pc-q35-9.2");
  EXPECT_EQ(ConfidentialMachineType("pc"), "q35");
}

}  // namespace
}  // namespace ccplace
