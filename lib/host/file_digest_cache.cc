#include "lib/host/file_digest_cache.h"

namespace ccplace {
namespace {

constexpr size_t kMost = 32;
constexpr int64_t kNanosecondsInSecond = 1000000000;

int64_t Nanoseconds(const timespec& time) {
  return int64_t{time.tv_sec} * kNanosecondsInSecond + time.tv_nsec;
}

}  // namespace

FileStamp::FileStamp(const struct stat& status)
    : key_(status.st_dev, status.st_ino, status.st_size, Nanoseconds(status.st_mtim),
           Nanoseconds(status.st_ctim)),
      changed_s_(status.st_ctim.tv_sec) {}

std::optional<std::string> FileDigestCache::Find(const FileStamp& stamp) const {
  const std::lock_guard<std::mutex> lock(mutex_);
  const auto found = digests_.find(stamp);
  if (found == digests_.end()) return std::nullopt;
  return found->second;
}

void FileDigestCache::Keep(const FileStamp& stamp, const std::string& digest) {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (digests_.size() >= kMost) digests_.clear();
  digests_[stamp] = digest;
}

}  // namespace ccplace
