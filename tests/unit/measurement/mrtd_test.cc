#include "lib/measurement/mrtd.h"

#include "absl/strings/escaping.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lib/base/digest.h"
#include "tests/unit/measurement/test_image.h"

namespace ccplace {
namespace {

// What tests/support/tdvf_image.py prints, by Python's hashlib.
constexpr char kOvmf[] =
    "b9967759f5c281557ef96c9e1e388da288c4edc9518a6a2d0e7ad24452a93fdd"
    "314e8c5e65b075d568d66b70e0bfc4cd";
constexpr char kOvmfTwoPasses[] =
    "6aeff8c672c43a486770246b65dd9f30466f3bf917b0760abc443455d9a1e9ef"
    "500f4c58d68f0d9c4fc33ec0a47a33f6";
constexpr char kTdShim[] =
    "8ac369c232be1e0720a0542c5f5c6c305ac700fed67866b0f3e8e1fba3c63f65"
    "393e5906dfcf9044d9cac70d932ebe6f";
constexpr char kTdShimTwoPasses[] =
    "af12378f5dbd299fc3a3acec9f41bcc789afca586849caeac98d6b6fc9512c8c"
    "a9efd88e76133bf93fdbec9c9d7bff14";

std::string Mrtd(const std::string& image, MrtdOrder order = MrtdOrder::kSinglePass) {
  const absl::StatusOr<Tdvf> tdvf = ParseTdvf(image);
  if (!tdvf.ok()) return tdvf.status().ToString();
  return absl::BytesToHexString(ComputeMrtd(image, *tdvf, order).value_or(""));
}

std::string FileDigest(const std::string& image) {
  return DigestOf(DigestAlgorithm::kSha384, image).value_or("");
}

TEST(MrtdTest, IsWhatPythonsHashlibGivesForEachImage) {
  EXPECT_EQ(Mrtd(TestImage("ovmf.fd")), kOvmf);
  EXPECT_EQ(Mrtd(TestImage("td-shim.bin")), kTdShim);
}

TEST(MrtdTest, GivesTheOrderOfQemu8PreviewsOnRequest) {
  EXPECT_EQ(Mrtd(TestImage("ovmf.fd"), MrtdOrder::kTwoPassQemu8Preview), kOvmfTwoPasses);
  EXPECT_EQ(Mrtd(TestImage("td-shim.bin"), MrtdOrder::kTwoPassQemu8Preview), kTdShimTwoPasses);
}

TEST(MrtdTest, AByteOfTheVariableStoreChangesTheFileAndNotMrtd) {
  const std::string image = TestImage("ovmf.fd");
  std::string changed = image;
  changed[0x123] ^= 1;  // In the CFV.
  EXPECT_NE(FileDigest(changed), FileDigest(image));
  EXPECT_EQ(Mrtd(changed), kOvmf);
}

TEST(MrtdTest, AByteOfTheFirmwareVolumeChangesBoth) {
  const std::string image = TestImage("ovmf.fd");
  std::string changed = image;
  changed[0x1234] ^= 1;  // In the BFV.
  EXPECT_NE(FileDigest(changed), FileDigest(image));
  EXPECT_NE(Mrtd(changed), kOvmf);
}

TEST(MrtdTest, AddressesOfSectionsThatAreNotMeasuredCount) {
  EXPECT_NE(Mrtd(WithField(2, kAddress, 0x820000)), kOvmf);
}

TEST(MrtdTest, MemoryThatTheGuestAcceptsItselfDoesNotCount) {
  // But the metadata is in the BFV, which is measured: so compare what was parsed.
  const std::string image = TestImage("ovmf.fd");
  Tdvf tdvf = ParseTdvf(image).value();
  tdvf.sections[4].memory_address += 0x1000;
  EXPECT_EQ(absl::BytesToHexString(ComputeMrtd(image, tdvf).value()), kOvmf);
}

TEST(MrtdTest, AnImageThatIsNoTdvfHasNone) {
  EXPECT_EQ(MrtdOfImage("IGVM").status().code(), absl::StatusCode::kFailedPrecondition);
}

}  // namespace
}  // namespace ccplace
