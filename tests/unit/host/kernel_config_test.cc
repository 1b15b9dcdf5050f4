#include "lib/host/kernel_config.h"

#include <fstream>
#include <sstream>

#include "gtest/gtest.h"
#include "lib/host/in_memory_host_files.h"

namespace ccplace {
namespace {

constexpr char kRelease[] = "7.2.1-amd64";

std::string PackedConfig() {
  std::ifstream in(std::string(CCPLACE_TEST_DATA) + "/kernel/config.gz", std::ios::binary);
  std::ostringstream content;
  content << in.rdbuf();
  return content.str();
}

absl::StatusOr<KernelOption> Option(const InMemoryHostFiles& files, absl::string_view option) {
  return ReadKernelOption(files, kRelease, option);
}

TEST(KernelConfigTest, IsReadFromTheDistributionsFile) {
  InMemoryHostFiles files;
  files.WriteFile("/boot/config-7.2.1-amd64",
                  "CONFIG_KVM_INTEL=m\nCONFIG_X86=y\n# CONFIG_INTEL_TDX_HOST is not set\n");
  EXPECT_TRUE(Option(files, "CONFIG_KVM_INTEL")->is_on);
  EXPECT_TRUE(Option(files, "CONFIG_X86")->is_on);
  EXPECT_FALSE(Option(files, "CONFIG_INTEL_TDX_HOST")->is_on);
  EXPECT_FALSE(Option(files, "CONFIG_X")->is_on);
  EXPECT_EQ(Option(files, "CONFIG_X")->path, "/boot/config-7.2.1-amd64");
}

TEST(KernelConfigTest, IsReadFromTheKernelItselfWhereThereIsNoOther) {
  InMemoryHostFiles files;
  files.WriteFile("/proc/config.gz", PackedConfig());
  EXPECT_TRUE(Option(files, "CONFIG_KVM_AMD_SEV")->is_on);
  EXPECT_FALSE(Option(files, "CONFIG_INTEL_TDX_HOST")->is_on);
  EXPECT_EQ(Option(files, "CONFIG_X86")->path, "/proc/config.gz");
}

TEST(KernelConfigTest, IsUnknownWhereNothingTells) {
  InMemoryHostFiles files;
  EXPECT_TRUE(absl::IsNotFound(Option(files, "CONFIG_X86").status()));
  files.WriteFile("/boot/config-7.2.1-amd64", "hello\n");
  EXPECT_TRUE(absl::IsInvalidArgument(Option(files, "CONFIG_X86").status()));
  files.FailAt("/boot/config-7.2.1-amd64", absl::PermissionDeniedError("no"));
  EXPECT_TRUE(absl::IsPermissionDenied(Option(files, "CONFIG_X86").status()));
}

TEST(KernelConfigTest, APackedFileThatIsNoneIsRefused) {
  InMemoryHostFiles files;
  const std::string packed = PackedConfig();
  for (const std::string& bad : {std::string(), std::string("CONFIG_X86=y\n"),
                                 packed.substr(0, packed.size() / 2), "x" + packed}) {
    files.WriteFile("/proc/config.gz", bad);
    EXPECT_TRUE(absl::IsInvalidArgument(Option(files, "CONFIG_X86").status()));
  }
}

TEST(KernelConfigTest, AReleaseLeadsToNoOtherFolder) {
  const InMemoryHostFiles files;
  for (const char* release : {"", "../etc/passwd", "/etc"}) {
    EXPECT_TRUE(absl::IsInvalidArgument(ReadKernelOption(files, release, "CONFIG_X86").status()));
  }
}

}  // namespace
}  // namespace ccplace
