#include "lib/measurement/tdvf.h"

#include "absl/status/status.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/unit/measurement/test_image.h"

namespace ccplace {
namespace {

using testing::AllOf;
using testing::HasSubstr;

// Sections of ovmf.fd, in its order.
enum Section : size_t { kBfv, kCfv, kTempMem, kTdHob, kPermMem };

absl::Status Refusal(const std::string& image) { return ParseTdvf(image).status(); }

void ExpectBroken(const std::string& image, const std::string& section, const std::string& bound) {
  const absl::Status status = Refusal(image);
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(status.message()), AllOf(HasSubstr(section), HasSubstr(bound)));
}

void ExpectNotTdvf(const std::string& image, const std::string& why) {
  const absl::Status status = Refusal(image);
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(status.message()), AllOf(HasSubstr("not a TDVF"), HasSubstr(why)));
}

TEST(TdvfTest, ReadsTheSectionsThatOvmfsTableLeadsTo) {
  const absl::StatusOr<Tdvf> tdvf = ParseTdvf(TestImage("ovmf.fd"));
  ASSERT_TRUE(tdvf.ok()) << tdvf.status();
  EXPECT_EQ(tdvf->origin, TdvfOrigin::kOvmfTable);
  ASSERT_EQ(tdvf->sections.size(), 5U);
  const TdvfSection& bfv = tdvf->sections[kBfv];
  EXPECT_EQ(bfv.raw_offset, 0x1000U);
  EXPECT_EQ(bfv.raw_bytes, 0x3000U);
  EXPECT_EQ(bfv.memory_address, 0xffffd000U);
  EXPECT_EQ(bfv.memory_bytes, 0x3000U);
  EXPECT_EQ(TdvfSectionTypeName(bfv.type), "BFV");
  EXPECT_TRUE(bfv.measured());
  EXPECT_FALSE(tdvf->sections[kCfv].measured());
  EXPECT_TRUE(tdvf->sections[kPermMem].augmented());
}

TEST(TdvfTest, ReadsTheSectionsThatTdShimsOffsetLeadsTo) {
  const absl::StatusOr<Tdvf> tdvf = ParseTdvf(TestImage("td-shim.bin"));
  ASSERT_TRUE(tdvf.ok()) << tdvf.status();
  EXPECT_EQ(tdvf->origin, TdvfOrigin::kTdShimOffset);
  EXPECT_EQ(tdvf->sections.size(), 4U);
  EXPECT_EQ(TdvfSectionTypeName(tdvf->sections[0].type), "Payload");
}

TEST(TdvfTest, SaysWhatIsNoTdvf) {
  ExpectNotTdvf("", "too short");
  ExpectNotTdvf(std::string(64, 'x'), "holds no TDX metadata");
  ExpectNotTdvf("IGVM" + TestImage("ovmf.fd"), "IGVM");
  // The entry's own GUID: OVMF built without TDX has the table and not the entry.
  std::string without = TestImage("ovmf.fd");
  const std::string guid("\x35\x65\x7a\xe4\x4a\x98\x98\x47\x86\x5e\x46\x85\xa7\xbf\x8e\xc2", 16);
  without[without.find(guid)] ^= 1;
  ExpectNotTdvf(without, "names no TDX metadata");
}

TEST(TdvfTest, NamesSectionAndBoundOfMemoryThatIsNotInPages) {
  ExpectBroken(WithField(kBfv, kAddress, 0xffffd800), "section 0 (BFV)", "whole pages of 4096");
  ExpectBroken(WithField(kTempMem, kMemoryBytes, 0x1001), "section 2 (TempMem)", "whole pages");
  ExpectBroken(WithField(kTdHob, kMemoryBytes, 0), "section 3 (TD_HOB)", "no bytes");
}

TEST(TdvfTest, NamesSectionAndBoundOfDataThatIsNotInTheImage) {
  ExpectBroken(WithField(kBfv, kRawOffset, 0x2000), "section 0 (BFV)", "after the image's 16384");
  ExpectBroken(WithField(kCfv, kRawOffset, 0xffffffff), "section 1 (CFV)", "after the image's");
  ExpectBroken(WithField(kCfv, kRawBytes, 0x1800), "section 1 (CFV)", "larger than its memory");
}

TEST(TdvfTest, NamesSectionAndBoundOfMemoryThatIsTooMuch) {
  ExpectBroken(WithField(kTempMem, kMemoryBytes, uint64_t{1} << 40), "section 2 (TempMem)",
               "more than 134217728 bytes");
  ExpectBroken(WithField(kTempMem, kAddress, 0xfffffffffffff000), "section 2 (TempMem)", "2^52");
  ExpectBroken(WithField(kPermMem, kMemoryBytes, 0xfffffffffffff000), "section 4 (PermMem)",
               "2^52");
}

TEST(TdvfTest, TakesMuchMemoryThatTheGuestAcceptsItself) {
  EXPECT_TRUE(ParseTdvf(WithField(kPermMem, kMemoryBytes, 0x40000000)).ok());
}

TEST(TdvfTest, NamesBothSectionsThatOverlap) {
  ExpectBroken(WithField(kTdHob, kAddress, 0x811000), "section 3 (TD_HOB)",
               "overlaps that of section 2");
  ExpectBroken(WithField(kTdHob, kAddress, 0x10ff000), "section 3 (TD_HOB)",
               "overlaps that of section 4");
}

TEST(TdvfTest, RefusesAttributesThatItCannotMeasureBy) {
  ExpectBroken(WithField(kBfv, kAttributes, 5), "section 0 (BFV)", "attributes 0x5");
  ExpectBroken(WithField(kPermMem, kAttributes, 3), "section 4 (PermMem)", "cannot be measured");
  ExpectBroken(WithField(kTdHob, kAttributes, 1), "section 3 (TD_HOB)", "not in the image");
  ExpectBroken(WithField(kBfv, kType, 9), "section 0 (type 9)", "not in the image");
}

TEST(TdvfTest, WantsABootFirmwareVolume) {
  ExpectBroken(WithField(kBfv, kType, 1), "BFV", "no section");
}

TEST(TdvfTest, NamesTheBoundOfADescriptorThatIsBroken) {
  const std::string image = TestImage("ovmf.fd");
  ExpectBroken(With(image, kDescriptorAt, 0, 1), "signature TDVF", "0x3010");
  ExpectBroken(With(image, kDescriptorAt + 4, 17, 4), "of 17 bytes", "5 sections take 176");
  ExpectBroken(With(image, kDescriptorAt + 8, 2, 4), "version 2", "only version 1");
  ExpectBroken(With(image, kDescriptorAt + 12, 0xffffffff, 4), "4294967295 sections", "1 to 64");
  ExpectBroken(With(image, kDescriptorAt + 12, 0, 4), "0 sections", "1 to 64");
}

TEST(TdvfTest, NamesTheBoundOfATableThatIsBroken) {
  const std::string image = TestImage("ovmf.fd");
  const size_t footer = image.size() - 32 - 18;
  ExpectBroken(With(image, footer, 0xffff, 2), "table of GUIDed entries of 65535 bytes", "18 to");
  ExpectBroken(With(image, footer, 3, 2), "table of GUIDed entries of 3 bytes", "18 to");
  const size_t last_entry = footer - 18;
  ExpectBroken(With(image, last_entry, 0, 2), "an entry of 0 bytes", "18 to");
  ExpectBroken(With(image, last_entry, 0x1000, 2), "an entry of 4096 bytes", "18 to");
  const size_t offset = last_entry - 22;
  ExpectBroken(With(image, offset, 0, 4), "0 bytes before the end", "16384");
  ExpectBroken(With(image, offset, 0x4001, 4), "16385 bytes before the end", "16384");
}

TEST(TdvfTest, RefusesMetadataThatTheEndCutsOff) {
  const std::string image = TestImage("td-shim.bin");
  const std::string late = With(image, 0x4fc4, 0, 4);
  std::string moved = late;
  moved.replace(0x4fa0, 32, image.substr(0x4100, 32));  // Descriptor near the end.
  moved = With(moved, 0x4fe0, 0x4fb0, 4);
  ExpectBroken(moved, "ends after the image", "80 bytes are left");
}

TEST(TdvfTest, RefusesAnImageThatIsTooLarge) {
  ExpectBroken(std::string(kTdvfImageLimitBytes + 1, 'x'), "67108865 bytes", "at most 67108864");
}

TEST(TdvfTest, EveryCutOfAnImageEndsInAnError) {
  for (const char* name : {"ovmf.fd", "td-shim.bin"}) {
    const std::string image = TestImage(name);
    for (size_t size = 0; size < image.size(); size += 7) {
      EXPECT_FALSE(ParseTdvf(image.substr(0, size)).ok()) << name << " cut to " << size;
    }
  }
}

}  // namespace
}  // namespace ccplace
