// Digests of files that have not changed since they were read.
#ifndef CCPLACE_LIB_HOST_FILE_DIGEST_CACHE_H_
#define CCPLACE_LIB_HOST_FILE_DIGEST_CACHE_H_

#include <sys/stat.h>

#include <cstdint>
#include <ctime>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <tuple>

namespace ccplace {

// One state of one file, as the kernel distinguishes states: the time of its latest change (ctime,
// which no program can set) moves with every write (inode(7)).
class FileStamp {
 public:
  explicit FileStamp(const struct stat& status);

  // Whether a later write is sure to show: the kernel's clock for files moves in steps of
  // milliseconds, so a file that changed just before `now_s` can change again within one step.
  bool IsStable(std::time_t now_s) const { return changed_s_ < now_s - 1; }

  friend bool operator==(const FileStamp& a, const FileStamp& b) { return a.key_ == b.key_; }
  friend bool operator<(const FileStamp& a, const FileStamp& b) { return a.key_ < b.key_; }

 private:
  std::tuple<uint64_t, uint64_t, int64_t, int64_t, int64_t> key_;
  std::time_t changed_s_;
};

// A few digests: a host has a handful of firmware images, of which each definition wants one.
// Thread-safe.
class FileDigestCache {
 public:
  std::optional<std::string> Find(const FileStamp& stamp) const;
  void Keep(const FileStamp& stamp, const std::string& digest);

 private:
  mutable std::mutex mutex_;
  std::map<FileStamp, std::string> digests_;
};

}  // namespace ccplace

#endif  // CCPLACE_LIB_HOST_FILE_DIGEST_CACHE_H_
