#include "lib/host/file_digest_cache.h"

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace ccplace {
namespace {

using testing::Eq;
using testing::Optional;

struct stat Stat() {
  struct stat status = {};
  status.st_dev = 1;
  status.st_ino = 2;
  status.st_size = 3;
  status.st_mtim = {1000, 5};
  status.st_ctim = {1000, 6};
  return status;
}

TEST(FileDigestCacheTest, KnowsTheStateThatItWasToldOf) {
  FileDigestCache memory;
  EXPECT_EQ(memory.Find(FileStamp(Stat())), std::nullopt);
  memory.Keep(FileStamp(Stat()), "digest");
  EXPECT_THAT(memory.Find(FileStamp(Stat())), Optional(Eq("digest")));
}

TEST(FileDigestCacheTest, KnowsNoOtherStateOfTheFile) {
  FileDigestCache memory;
  memory.Keep(FileStamp(Stat()), "digest");
  auto other = Stat();
  ++other.st_ctim.tv_nsec;
  EXPECT_EQ(memory.Find(FileStamp(other)), std::nullopt);
  other = Stat();
  ++other.st_size;
  EXPECT_EQ(memory.Find(FileStamp(other)), std::nullopt);
  other = Stat();
  ++other.st_ino;
  EXPECT_EQ(memory.Find(FileStamp(other)), std::nullopt);
}

TEST(FileDigestCacheTest, ForgetsRatherThanGrow) {
  FileDigestCache memory;
  auto status = Stat();
  for (ino_t file = 0; file < 1000; ++file) {
    status.st_ino = file;
    memory.Keep(FileStamp(status), absl::StrCat(file));
  }
  int known = 0;
  for (ino_t file = 0; file < 1000; ++file) {
    status.st_ino = file;
    known += memory.Find(FileStamp(status)).has_value() ? 1 : 0;
  }
  EXPECT_LE(known, 100);
  EXPECT_GE(known, 1);
}

TEST(FileDigestCacheTest, AFileThatChangedJustNowIsNotSettled) {
  const FileStamp state(Stat());
  EXPECT_FALSE(state.IsStable(1000));
  EXPECT_FALSE(state.IsStable(1001));
  EXPECT_TRUE(state.IsStable(1002));
}

}  // namespace
}  // namespace ccplace
