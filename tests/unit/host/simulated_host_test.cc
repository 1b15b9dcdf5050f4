#include "lib/host/simulated_host.h"

#include "absl/strings/escaping.h"
#include "gtest/gtest.h"
#include "lib/base/digest.h"
#include "lib/base/text.h"
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

TEST(SimulatedHostTest, HasFirmwareOfItsOwn) {
  // The image that tests/support/tdvf_image.py makes of the same sections, by Python's hashlib. Its
  // MRTD is d001b2df...: the guides show both.
  EXPECT_EQ(
      absl::BytesToHexString(*MakeSimulatedHost()->Sha384("/usr/share/ovmf/OVMF.inteltdx.ms.fd")),
      "a9bae495c7bced3bcdfe33e996306649f1a01290fd74a02085bd934d8fe8e42c"
      "872c63fa51beacc680fa596283b73ee8");
  // The same computed: it is stated there.
  EXPECT_EQ(*DigestOf(DigestAlgorithm::kSha384, SimulatedTdxFirmware()),
            BytesFromHex(kSimulatedFirmwareSha384));
  const auto host = MakeSimulatedHost();
  host->WriteFile("/usr/share/ovmf/OVMF.inteltdx.ms.fd", "another");
  EXPECT_EQ(*host->Sha384("/usr/share/ovmf/OVMF.inteltdx.ms.fd"),
            *DigestOf(DigestAlgorithm::kSha384, "another"));
}

TEST(SimulatedHostTest, CountsKeysInUse) {
  const auto host = MakeSimulatedHost();
  SetSimulatedKeysInUse(*host, 5);
  EXPECT_EQ(*ReadMiscCgroup(*host).current->Count("tdx"), 5u);
  SetSimulatedKeysInUse(*host, 2);
  EXPECT_EQ(*ReadMiscCgroup(*host).peak->Count("tdx"), 5u);
  SetSimulatedKeysInUse(*host, 500);
  EXPECT_EQ(*ReadMiscCgroup(*host).current->Count("tdx"), 63u);
}

}  // namespace
}  // namespace ccplace
