#include "lib/host/distribution.h"

#include "gtest/gtest.h"
#include "lib/host/in_memory_host_files.h"

namespace ccplace {
namespace {

Distribution Of(const std::string& os_release) {
  InMemoryHostFiles files;
  files.WriteFile("/etc/os-release", os_release);
  return ReadDistribution(files);
}

// As these distributions write them, cut short.
TEST(DistributionTest, IsToldByItsIdOrThatOfItsKin) {
  EXPECT_EQ(Of("NAME=\"Debian GNU/Linux\"\nID=debian\n"), Distribution::kDebian);
  EXPECT_EQ(Of("ID=ubuntu\nID_LIKE=debian\n"), Distribution::kDebian);
  EXPECT_EQ(Of("ID=linuxmint\nID_LIKE=\"ubuntu debian\"\n"), Distribution::kDebian);
  EXPECT_EQ(Of("ID=fedora\n"), Distribution::kFedora);
  EXPECT_EQ(Of("ID=\"centos\"\nID_LIKE=\"rhel fedora\"\n"), Distribution::kFedora);
  EXPECT_EQ(Of("ID=\"rocky\"\nID_LIKE=\"rhel centos fedora\"\n"), Distribution::kFedora);
  EXPECT_EQ(Of("ID=\"opensuse-leap\"\nID_LIKE=\"suse opensuse\"\n"), Distribution::kSuse);
  EXPECT_EQ(Of("ID='sles'\n"), Distribution::kSuse);
}

TEST(DistributionTest, IsAnotherWhereNothingTells) {
  EXPECT_EQ(ReadDistribution(InMemoryHostFiles()), Distribution::kOther);
  for (const char* content : {"", "ID=", "ID=\"", "VERSION_ID=debian\n", "ID=nixos\n", "\xff\n"}) {
    EXPECT_EQ(Of(content), Distribution::kOther) << content;
  }
}

TEST(DistributionTest, IsReadFromUsrWhereEtcHasNone) {
  InMemoryHostFiles files;
  files.WriteFile("/usr/lib/os-release", "ID=fedora\n");
  EXPECT_EQ(ReadDistribution(files), Distribution::kFedora);
}

}  // namespace
}  // namespace ccplace
