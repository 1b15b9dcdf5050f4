#include "lib/host/firmware.h"

#include <fstream>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lib/host/in_memory_host_files.h"

namespace ccplace {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr absl::string_view kTdxName = "60-edk2-x86_64-inteltdx.json";
constexpr absl::string_view kUsr = "/usr/share/qemu/firmware/";
constexpr absl::string_view kEtc = "/etc/qemu/firmware/";

std::string DataFile(absl::string_view name) {
  std::ifstream in(absl::StrCat(CCPLACE_TEST_DATA, "/firmware/", name), std::ios::binary);
  std::ostringstream content;
  content << in.rdbuf();
  return content.str();
}

std::string Usr(absl::string_view name) { return absl::StrCat(kUsr, name); }
std::string Etc(absl::string_view name) { return absl::StrCat(kEtc, name); }

std::vector<std::string> PathsOf(const FirmwareCatalog& catalog) {
  std::vector<std::string> paths;
  for (const FirmwareDescriptor& descriptor : catalog.descriptors) paths.push_back(descriptor.path);
  return paths;
}

TEST(FirmwareTest, ReadsDebiansTdxDescriptor) {
  const auto descriptor = *ParseFirmwareDescriptor("/p", DataFile(kTdxName));
  EXPECT_EQ(descriptor.path, "/p");
  EXPECT_EQ(descriptor.device, "memory");
  EXPECT_EQ(descriptor.filename, "/usr/share/ovmf/OVMF.inteltdx.ms.fd");
  EXPECT_THAT(descriptor.interface_types, ElementsAre("uefi"));
  EXPECT_TRUE(HasFeature(descriptor, "intel-tdx"));
  EXPECT_FALSE(HasFeature(descriptor, "amd-sev"));
  EXPECT_TRUE(IsForMachine(descriptor, "x86_64", "pc-q35-11.1"));
  EXPECT_FALSE(IsForMachine(descriptor, "x86_64", "pc-i440fx-11.1"));
  EXPECT_FALSE(IsForMachine(descriptor, "aarch64", "pc-q35-11.1"));
}

TEST(FirmwareTest, ReadsAFlashDescriptor) {
  const auto descriptor =
      *ParseFirmwareDescriptor("/p", DataFile("40-edk2-x86_64-secure-enrolled.json"));
  EXPECT_EQ(descriptor.device, "flash");
  EXPECT_EQ(descriptor.filename, "/usr/share/OVMF/OVMF_CODE_4M.ms.fd");
}

TEST(FirmwareTest, NamesWhatIsWrongInABadDescriptor) {
  const auto error = [](absl::string_view name) {
    const absl::Status status = ParseFirmwareDescriptor("/p.json", DataFile(name)).status();
    EXPECT_TRUE(absl::IsInvalidArgument(status)) << name;
    return std::string(status.message());
  };
  EXPECT_EQ(error("invalid_cut_off.json"), "'/p.json' is no firmware descriptor: it is not JSON");
  EXPECT_THAT(error("invalid_no_mapping.json"), HasSubstr("mapping is missing"));
  EXPECT_THAT(error("invalid_features_are_numbers.json"), HasSubstr("features holds something"));
  EXPECT_THAT(error("invalid_filename_is_object.json"), HasSubstr("filename has the wrong form"));
  EXPECT_THAT(error("invalid_root_is_list.json"), HasSubstr("mapping is missing"));
}

// As libvirt 12.8, which was asked (tests/lab/firmware_test.py).
TEST(FirmwareTest, AWordThatLibvirtDoesNotKnowSpoilsTheDescriptor) {
  const std::string good = DataFile(kTdxName);
  const auto with = [&good](const std::string& from, const std::string& to) {
    return ParseFirmwareDescriptor("/p", absl::StrReplaceAll(good, {{from, to}})).status();
  };
  EXPECT_TRUE(with("uefi", "uefi").ok());
  EXPECT_FALSE(with("\"uefi\"", "\"uefi\", \"no-such-interface\"").ok());
  EXPECT_FALSE(with("\"x86_64\"", "\"no-such-architecture\"").ok());
  EXPECT_FALSE(with("\"memory\"", "\"no-such-device\"").ok());
  EXPECT_TRUE(with("\"intel-tdx\"", "\"no-such-feature\"").ok());
  EXPECT_FALSE(ParseFirmwareDescriptor("/p", "\xef\xbb\xbf" + good).ok());
}

TEST(FirmwareTest, SurvivesDeepNestingAndBytesThatAreNoText) {
  EXPECT_FALSE(ParseFirmwareDescriptor("/p", std::string(60000, '[')).ok());
  EXPECT_FALSE(
      ParseFirmwareDescriptor("/p", std::string(30000, '[') + std::string(30000, ']')).ok());
  EXPECT_FALSE(ParseFirmwareDescriptor("/p", "{\"mapping\": \"\xff\xfe\"}").ok());
}

TEST(FirmwareTest, ListsDescriptorsOfBothFoldersByFileName) {
  InMemoryHostFiles files;
  files.WriteFile(Usr("50-b.json"), DataFile(kTdxName));
  files.WriteFile(Usr("70-d.json"), DataFile(kTdxName));
  files.WriteFile(Etc("60-c.json"), DataFile(kTdxName));
  files.WriteFile(Etc("40-a.json"), DataFile(kTdxName));
  const FirmwareCatalog catalog = ReadFirmwareCatalog(files);
  EXPECT_THAT(PathsOf(catalog),
              ElementsAre(Etc("40-a.json"), Usr("50-b.json"), Etc("60-c.json"), Usr("70-d.json")));
  EXPECT_TRUE(catalog.problems.empty());
}

TEST(FirmwareTest, AFileInEtcMasksTheSameNameInUsr) {
  InMemoryHostFiles files;
  files.WriteFile(Usr(kTdxName), DataFile(kTdxName));
  files.WriteFile(Etc(kTdxName), DataFile("60-edk2-x86_64.json"));
  const FirmwareCatalog catalog = ReadFirmwareCatalog(files);
  EXPECT_THAT(PathsOf(catalog), ElementsAre(Etc(kTdxName)));
  EXPECT_FALSE(HasFeature(catalog.descriptors[0], "intel-tdx"));
}

TEST(FirmwareTest, AnEmptyFileInEtcMasksAndOffersNothing) {
  InMemoryHostFiles files;
  files.WriteFile(Usr(kTdxName), DataFile(kTdxName));
  files.WriteFile(Etc(kTdxName), "");
  const FirmwareCatalog catalog = ReadFirmwareCatalog(files);
  EXPECT_TRUE(catalog.descriptors.empty());
  EXPECT_TRUE(catalog.problems.empty());
}

TEST(FirmwareTest, ALinkToAnEmptyFileMasksToo) {
  InMemoryHostFiles files;
  files.WriteFile(Usr(kTdxName), DataFile(kTdxName));
  files.WriteFile("/empty", "");
  files.MakeLink(Etc(kTdxName), "/empty");
  EXPECT_TRUE(ReadFirmwareCatalog(files).descriptors.empty());
}

TEST(FirmwareTest, ALinkToDevNullMasksNothingAsInLibvirt) {
  InMemoryHostFiles files;
  files.WriteFile(Usr(kTdxName), DataFile(kTdxName));
  files.MakeOther("/dev/null");
  files.MakeLink(Etc(kTdxName), "/dev/null");
  EXPECT_THAT(PathsOf(ReadFirmwareCatalog(files)), ElementsAre(Usr(kTdxName)));
}

TEST(FirmwareTest, AHostWithoutDescriptorsIsNoProblemAndOneOutOfSightIs) {
  InMemoryHostFiles files;
  files.MakeDirectory("/etc");
  ASSERT_EQ(ReadFirmwareCatalog(files).problems.size(), 1u);
  const absl::Status problem = ReadFirmwareCatalog(files).problems[0];
  EXPECT_TRUE(absl::IsFailedPrecondition(problem));
  EXPECT_THAT(std::string(problem.message()), HasSubstr("'/usr/share' is not there"));
  files.MakeDirectory("/usr/share");
  EXPECT_TRUE(ReadFirmwareCatalog(files).problems.empty());
}

TEST(FirmwareTest, PassesOverDotFilesAndFolders) {
  InMemoryHostFiles files;
  files.WriteFile(Usr(".60-hidden.json"), "rubbish");
  files.WriteFile(Usr("folder/60.json"), "rubbish");
  const FirmwareCatalog catalog = ReadFirmwareCatalog(files);
  EXPECT_TRUE(catalog.descriptors.empty());
  EXPECT_TRUE(catalog.problems.empty());
}

TEST(FirmwareTest, SaysWhetherTheFirmwareItselfIsThere) {
  InMemoryHostFiles files;
  files.WriteFile(Usr(kTdxName), DataFile(kTdxName));
  EXPECT_TRUE(absl::IsNotFound(ReadFirmwareCatalog(files).descriptors[0].file));
  files.MakeDirectory("/usr/share/ovmf/OVMF.inteltdx.ms.fd");
  EXPECT_TRUE(absl::IsFailedPrecondition(ReadFirmwareCatalog(files).descriptors[0].file));
  files.WriteFile("/usr/share/ovmf/OVMF.inteltdx.ms.fd", "code");
  EXPECT_TRUE(ReadFirmwareCatalog(files).descriptors[0].file.ok());
}

TEST(FirmwareTest, KeepsGoodDescriptorsBesideBadOnes) {
  InMemoryHostFiles files;
  files.WriteFile(Usr("10-bad.json"), "{");
  files.WriteFile(Usr("20-huge.json"), std::string(1 << 20, ' '));
  files.WriteFile(Usr("30-good.json"), DataFile(kTdxName));
  files.MakeLink(Usr("40-dangling.json"), "/nowhere");
  const FirmwareCatalog catalog = ReadFirmwareCatalog(files);
  EXPECT_THAT(PathsOf(catalog), ElementsAre(Usr("30-good.json")));
  EXPECT_EQ(catalog.problems.size(), 3u);
}

TEST(FirmwareTest, AFolderThatCannotBeListedIsAProblemAndAMissingOneIsNot) {
  InMemoryHostFiles files;
  files.MakeDirectory("/usr/share");
  EXPECT_TRUE(ReadFirmwareCatalog(files).problems.empty());
  files.MakeDirectory("/etc/qemu/firmware");
  files.FailAt("/etc/qemu/firmware", absl::PermissionDeniedError("no"));
  EXPECT_THAT(ReadFirmwareCatalog(files).problems, ElementsAre(absl::PermissionDeniedError("no")));
}

TEST(FirmwareTest, ReadsNoMoreDescriptorsThanTheLimit) {
  InMemoryHostFiles files;
  for (int i = 0; i < 300; ++i) files.WriteFile(Usr(absl::StrCat(i)), DataFile(kTdxName));
  const FirmwareCatalog catalog = ReadFirmwareCatalog(files);
  EXPECT_EQ(catalog.descriptors.size(), 256u);
  EXPECT_EQ(catalog.problems.size(), 1u);
}

}  // namespace
}  // namespace ccplace
