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

absl::StatusOr<KernelConfig> Read(const InMemoryHostFiles& files) {
  return ReadKernelConfig(files, kRelease);
}

TEST(KernelConfigTest, IsReadFromTheDistributionsFile) {
  InMemoryHostFiles files;
  files.WriteFile("/boot/config-7.2.1-amd64",
                  "CONFIG_KVM_INTEL=m\nCONFIG_X86_64=y\n# CONFIG_X is not set\n# CONFIG_X=y\n"
                  "CONFIG_NO_CONFIG_X=y\n# CONFIG_INTEL_TDX_HOST is not set\nCONFIG_X86=y");
  EXPECT_TRUE(IsBuiltWith(*Read(files), "CONFIG_KVM_INTEL"));
  EXPECT_TRUE(IsBuiltWith(*Read(files), "CONFIG_X86"));
  EXPECT_FALSE(IsBuiltWith(*Read(files), "CONFIG_INTEL_TDX_HOST"));
  EXPECT_FALSE(IsBuiltWith(*Read(files), "CONFIG_X"));
  EXPECT_EQ(Read(files)->path, "/boot/config-7.2.1-amd64");
}

TEST(KernelConfigTest, IsReadFromTheKernelItselfWhereThereIsNoOther) {
  InMemoryHostFiles files;
  files.WriteFile("/proc/config.gz", PackedConfig());
  EXPECT_TRUE(IsBuiltWith(*Read(files), "CONFIG_KVM_AMD_SEV"));
  EXPECT_FALSE(IsBuiltWith(*Read(files), "CONFIG_INTEL_TDX_HOST"));
  EXPECT_EQ(Read(files)->path, "/proc/config.gz");
}

TEST(KernelConfigTest, IsReadFromTheKernelWhereTheOtherFileIsNotForUs) {
  InMemoryHostFiles files;
  files.FailAt("/boot/config-7.2.1-amd64", absl::PermissionDeniedError("no"));
  files.WriteFile("/proc/config.gz", PackedConfig());
  EXPECT_EQ(Read(files)->path, "/proc/config.gz");
}

TEST(KernelConfigTest, IsUnknownWhereNothingTells) {
  InMemoryHostFiles files;
  EXPECT_TRUE(absl::IsNotFound(Read(files).status()));
  files.WriteFile("/boot/config-7.2.1-amd64", "hello\n");
  EXPECT_TRUE(absl::IsInvalidArgument(Read(files).status()));
  files.FailAt("/boot/config-7.2.1-amd64", absl::PermissionDeniedError("no"));
  EXPECT_TRUE(absl::IsPermissionDenied(Read(files).status()));
}

TEST(KernelConfigTest, APackedFileThatIsNoneIsRefused) {
  InMemoryHostFiles files;
  const std::string packed = PackedConfig();
  for (const std::string& bad : {std::string(), std::string("CONFIG_X86=y\n"),
                                 packed.substr(0, packed.size() / 2), "x" + packed}) {
    files.WriteFile("/proc/config.gz", bad);
    EXPECT_TRUE(absl::IsInvalidArgument(Read(files).status()));
  }
}

TEST(KernelConfigTest, AReleaseLeadsToNoOtherFolder) {
  const InMemoryHostFiles files;
  for (const char* release : {"", "../etc/passwd", "/etc"}) {
    EXPECT_TRUE(absl::IsInvalidArgument(ReadKernelConfig(files, release).status()));
  }
}

}  // namespace
}  // namespace ccplace
