#include "lib/host/kernel_facts.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lib/host/in_memory_host_files.h"

namespace ccplace {
namespace {

using ::testing::HasSubstr;

constexpr absl::string_view kTdx = "/sys/module/kvm_intel/parameters/tdx";

absl::StatusOr<bool> TdxFrom(absl::string_view content) {
  InMemoryHostFiles files;
  files.WriteFile(kTdx, content);
  return ReadModuleSwitch(files, "kvm_intel", "tdx");
}

TEST(KernelFactsTest, ReadsSwitchesWithAndWithoutNewline) {
  EXPECT_TRUE(*TdxFrom("Y\n"));
  EXPECT_TRUE(*TdxFrom("Y"));
  EXPECT_TRUE(*TdxFrom("1\n"));
  EXPECT_FALSE(*TdxFrom("N\n"));
  EXPECT_FALSE(*TdxFrom("0"));
}

TEST(KernelFactsTest, AnythingElseInASwitchIsAnErrorThatQuotesIt) {
  const std::string nul("Y\0", 2);
  for (const absl::string_view content : {"", "\n", "y", "yes", "-1", "Y Y", "\x80", "2"}) {
    EXPECT_EQ(TdxFrom(content).status().code(), absl::StatusCode::kInvalidArgument) << content;
  }
  EXPECT_EQ(TdxFrom(nul).status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(TdxFrom("maybe\n").status().message()),
              HasSubstr("'/sys/module/kvm_intel/parameters/tdx' holds 'maybe'"));
}

TEST(KernelFactsTest, AHugeSwitchIsOutOfRange) {
  EXPECT_EQ(TdxFrom(std::string(1 << 20, 'Y')).status().code(), absl::StatusCode::kOutOfRange);
}

TEST(KernelFactsTest, TellsAMissingModuleFromAMissingParameter) {
  InMemoryHostFiles files;
  files.MakeDirectory("/sys/module");
  const absl::Status no_module = ReadModuleSwitch(files, "kvm_intel", "tdx").status();
  EXPECT_EQ(no_module.code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(std::string(no_module.message()), HasSubstr("kvm_intel is not loaded"));
  files.WriteFile("/sys/module/kvm_intel/parameters/ept", "Y\n");
  const absl::Status no_parameter = ReadModuleSwitch(files, "kvm_intel", "tdx").status();
  EXPECT_EQ(no_parameter.code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(std::string(no_parameter.message()), HasSubstr("kvm_intel has no parameter tdx"));
}

TEST(KernelFactsTest, NothingIsKnownWithoutSys) {
  const InMemoryHostFiles files;
  EXPECT_EQ(ReadModuleSwitch(files, "kvm_intel", "tdx").status().code(),
            absl::StatusCode::kUnavailable);
}

TEST(KernelFactsTest, KeepsTheCodeOfAFailedRead) {
  InMemoryHostFiles files;
  files.WriteFile(kTdx, "Y\n");
  files.FailAt(kTdx, absl::PermissionDeniedError("no"));
  EXPECT_EQ(ReadModuleSwitch(files, "kvm_intel", "tdx").status(),
            absl::PermissionDeniedError("no"));
}

TEST(KernelFactsTest, ReadsAllFacts) {
  InMemoryHostFiles files;
  files.WriteFile("/proc/sys/kernel/osrelease", "6.18.1-amd64\n");
  files.WriteFile("/proc/sys/kernel/arch", "aarch64\n");
  files.WriteFile("/sys/module/kvm_amd/parameters/sev", "1\n");
  files.WriteFile("/sys/module/kvm_amd/parameters/sev_es", "Y\n");
  files.WriteFile("/sys/module/kvm_amd/parameters/sev_snp", "N\n");
  const KernelFacts facts = ReadKernelFacts(files, "x86_64");
  EXPECT_EQ(*facts.release, "6.18.1-amd64");
  EXPECT_EQ(*facts.architecture, "aarch64");
  EXPECT_TRUE(*facts.sev);
  EXPECT_TRUE(*facts.sev_es);
  EXPECT_FALSE(*facts.sev_snp);
  EXPECT_FALSE(facts.tdx.ok());
}

TEST(KernelFactsTest, AKernelThatWritesNoArchitectureIsAskedOtherwise) {
  const InMemoryHostFiles files;
  EXPECT_EQ(*ReadKernelFacts(files, "x86_64").architecture, "x86_64");
  EXPECT_TRUE(absl::IsNotFound(ReadKernelFacts(files, "").architecture.status()));
  EXPECT_FALSE(RunningMachine().empty());
}

TEST(KernelFactsTest, AReleaseThatIsNoTextIsAnError) {
  InMemoryHostFiles files;
  files.WriteFile("/proc/sys/kernel/osrelease", "6.1\x01\n");
  EXPECT_TRUE(absl::IsInvalidArgument(ReadKernelFacts(files, "").release.status()));
}

}  // namespace
}  // namespace ccplace
