#include "lib/host/misc_cgroup.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lib/host/in_memory_host_files.h"

namespace ccplace {
namespace {

using ::testing::HasSubstr;

constexpr absl::string_view kPath = "/sys/fs/cgroup/misc.capacity";

MiscCounts CountsOf(absl::string_view content) { return MiscCounts(std::string(kPath), content); }

absl::Status TdxErrorOf(absl::string_view content) {
  return CountsOf(content).Count("tdx").status();
}

TEST(MiscCgroupTest, ReadsEachNameWithAndWithoutLastNewline) {
  for (const absl::string_view content :
       {"sev 410\nsev_es 99\ntdx 63\n", "sev 410\nsev_es 99\ntdx 63"}) {
    EXPECT_EQ(*CountsOf(content).Count("tdx"), 63u);
    EXPECT_EQ(*CountsOf(content).Count("sev"), 410u);
    EXPECT_EQ(*CountsOf(content).Count("sev_es"), 99u);
  }
}

TEST(MiscCgroupTest, ANameThatIsLeftOutIsZero) {
  EXPECT_EQ(*CountsOf("").Count("tdx"), 0u);
  EXPECT_EQ(*CountsOf("res_a 3\n\n").Count("tdx"), 0u);
  EXPECT_FALSE(CountsOf("res_a 3\n").Has("tdx"));
  EXPECT_TRUE(CountsOf("tdx 0\n").Has("tdx"));
}

TEST(MiscCgroupTest, TakesTheLargestNumberAndNoneBeyond) {
  EXPECT_EQ(*CountsOf("tdx 18446744073709551615\n").Count("tdx"), UINT64_MAX);
  EXPECT_TRUE(absl::IsInvalidArgument(TdxErrorOf("tdx 18446744073709551616\n")));
}

TEST(MiscCgroupTest, NumbersThatAreNoneAreErrors) {
  for (const absl::string_view content :
       {"tdx -1\n", "tdx +1\n", "tdx max\n", "tdx 0x3f\n", "tdx 6.3\n", "tdx 63k\n"}) {
    EXPECT_TRUE(absl::IsInvalidArgument(TdxErrorOf(content))) << content;
  }
  EXPECT_THAT(std::string(TdxErrorOf("tdx -1\n").message()),
              HasSubstr("/sys/fs/cgroup/misc.capacity says 'tdx -1'"));
}

TEST(MiscCgroupTest, ANameThatStandsTwiceIsAnErrorForThatNameAlone) {
  const MiscCounts counts = CountsOf("tdx 63\nsev 5\ntdx 63\n");
  EXPECT_THAT(std::string(counts.Count("tdx").status().message()), HasSubstr("more than once"));
  EXPECT_EQ(*counts.Count("sev"), 5u);
}

TEST(MiscCgroupTest, ALineThatMakesNoSenseLeavesAbsentNamesUnknown) {
  const MiscCounts counts = CountsOf("tdx63\nsev 5\n");
  EXPECT_TRUE(absl::IsInvalidArgument(counts.Count("tdx").status()));
  EXPECT_EQ(*counts.Count("sev"), 5u);
  EXPECT_TRUE(absl::IsInvalidArgument(TdxErrorOf("tdx 1 2\n")));
  EXPECT_TRUE(absl::IsInvalidArgument(TdxErrorOf(absl::string_view("\x01\x00\xff", 3))));
}

TEST(MiscCgroupTest, ReadsCgroupV2) {
  InMemoryHostFiles files;
  files.WriteFile(kPath, "tdx 63\n");
  files.WriteFile("/sys/fs/cgroup/misc.current", "tdx 2\n");
  const MiscCgroup misc = ReadMiscCgroup(files);
  EXPECT_EQ(*misc.capacity->Count("tdx"), 63u);
  EXPECT_EQ(misc.capacity->path(), kPath);
  EXPECT_EQ(*misc.current->Count("tdx"), 2u);
}

TEST(MiscCgroupTest, ReadsCgroupV1WhenThereIsNoV2) {
  InMemoryHostFiles files;
  files.WriteFile("/sys/fs/cgroup/misc/misc.capacity", "tdx 31\n");
  const MiscCgroup misc = ReadMiscCgroup(files);
  EXPECT_EQ(*misc.capacity->Count("tdx"), 31u);
  EXPECT_EQ(misc.capacity->path(), "/sys/fs/cgroup/misc/misc.capacity");
  EXPECT_TRUE(absl::IsNotFound(misc.current.status()));
}

TEST(MiscCgroupTest, NamesBothPathsWhenNeitherExists) {
  const InMemoryHostFiles files;
  const absl::Status status = ReadMiscCgroup(files).capacity.status();
  EXPECT_TRUE(absl::IsNotFound(status));
  EXPECT_EQ(status.message(),
            "neither /sys/fs/cgroup/misc.capacity nor /sys/fs/cgroup/misc/misc.capacity exists");
}

TEST(MiscCgroupTest, AFileThatCannotBeReadIsNotTakenForAbsent) {
  InMemoryHostFiles files;
  files.WriteFile(kPath, "tdx 63\n");
  files.WriteFile("/sys/fs/cgroup/misc/misc.capacity", "tdx 31\n");
  files.FailAt(kPath, absl::PermissionDeniedError("no"));
  EXPECT_EQ(ReadMiscCgroup(files).capacity.status(), absl::PermissionDeniedError("no"));
}

TEST(MiscCgroupTest, AHugeFileIsOutOfRange) {
  InMemoryHostFiles files;
  files.WriteFile(kPath, std::string(1 << 20, '\n'));
  EXPECT_TRUE(absl::IsOutOfRange(ReadMiscCgroup(files).capacity.status()));
}

}  // namespace
}  // namespace ccplace
