#include "lib/host/simulated_host.h"

#include "gtest/gtest.h"
#include "lib/host/firmware.h"
#include "lib/host/kernel_facts.h"
#include "lib/host/misc_cgroup.h"

namespace ccplace {
namespace {

TEST(SimulatedHostTest, LooksLikeATdxHost) {
  const auto host = MakeSimulatedHost();
  const KernelFacts kernel = ReadKernelFacts(*host, "");
  EXPECT_TRUE(*kernel.tdx);
  EXPECT_EQ(*kernel.architecture, "x86_64");
  EXPECT_EQ(*ReadMiscCgroup(*host).capacity->Count("tdx"), 63u);
  EXPECT_EQ(*ReadMiscCgroup(*host).current->Count("tdx"), 0u);
  const FirmwareCatalog firmware = ReadFirmwareCatalog(*host);
  ASSERT_EQ(firmware.descriptors.size(), 1u);
  EXPECT_TRUE(HasFeature(firmware.descriptors[0], "intel-tdx"));
  EXPECT_TRUE(firmware.descriptors[0].file.ok());
  EXPECT_TRUE(host->ConnectUnixSocket("/var/run/tdx-qgs/qgs.socket").ok());
  EXPECT_EQ(*host->Kind("/var/lib/libvirt/images/demo.qcow2"), FileKind::kRegular);
}

TEST(SimulatedHostTest, CountsKeysInUse) {
  const auto host = MakeSimulatedHost();
  SetSimulatedKeysInUse(*host, 5);
  EXPECT_EQ(*ReadMiscCgroup(*host).current->Count("tdx"), 5u);
  SetSimulatedKeysInUse(*host, 500);
  EXPECT_EQ(*ReadMiscCgroup(*host).current->Count("tdx"), 63u);
}

}  // namespace
}  // namespace ccplace
