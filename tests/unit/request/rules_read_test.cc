#include "gtest/gtest.h"
#include "lib/request/rules.h"

namespace ccplace {
namespace {

constexpr auto kFlavor = v1::OFFENDER_ORIGIN_FLAVOR;
constexpr auto kImage = v1::OFFENDER_ORIGIN_IMAGE;

TEST(RulesReadTest, KnowsKeysThatDecide) {
  EXPECT_TRUE(RulesRead(kFlavor, "hw:mem_encryption"));
  EXPECT_TRUE(RulesRead(kFlavor, "trait:CUSTOM_FAST"));
  EXPECT_TRUE(RulesRead(kFlavor, "resources1:VGPU"));
  EXPECT_TRUE(RulesRead(kImage, "hw_scsi_model"));
}

TEST(RulesReadTest, KnowsKeysThatWarn) {
  EXPECT_TRUE(RulesRead(kImage, "hw_mem_encrypton"));
  EXPECT_TRUE(RulesRead(kFlavor, "hw_mem_encryption"));
}

TEST(RulesReadTest, LeavesOutWhatChangesNoVerdict) {
  EXPECT_FALSE(RulesRead(kImage, "os_hash_value"));
  EXPECT_FALSE(RulesRead(kImage, "os_distro"));
  EXPECT_FALSE(RulesRead(kFlavor, "aggregate_instance_extra_specs:pool"));
  EXPECT_FALSE(RulesRead(kFlavor, ""));
}

TEST(RulesReadTest, LeavesOutValuesThatNovaTakesAndNoRuleLooksAt) {
  EXPECT_FALSE(RulesRead(kImage, "hw_vif_model", "virtio"));
  EXPECT_TRUE(RulesRead(kImage, "hw_vif_model", "virtio-net"));
  EXPECT_FALSE(RulesRead(kImage, "hw_cpu_cores", "2"));
  EXPECT_TRUE(RulesRead(kImage, "hw_cpu_cores", "two"));
  EXPECT_FALSE(RulesRead(kFlavor, "hw:cpu_cores", "2"));
  EXPECT_TRUE(RulesRead(kFlavor, "hw:cpu_cores", "0"));
  EXPECT_TRUE(RulesRead(kFlavor, "hw:mem_encryption", "true"));
  EXPECT_TRUE(RulesRead(kFlavor, "trait:CUSTOM_FAST", "required"));
  EXPECT_TRUE(RulesRead(kFlavor, "group_policy", "none"));
  EXPECT_FALSE(RulesRead(kFlavor, "aggregate_instance_extra_specs:pool", "x"));
}

}  // namespace
}  // namespace ccplace
