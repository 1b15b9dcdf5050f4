// Open files: ownership, errors, and reading to the end.
#ifndef CCPLACE_LIB_HOST_FILE_DESCRIPTOR_H_
#define CCPLACE_LIB_HOST_FILE_DESCRIPTOR_H_

#include <cstddef>
#include <functional>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "lib/host/host_files.h"

namespace ccplace {

// Owns an open file and closes it. Not thread-safe.
class FileDescriptor {
 public:
  explicit FileDescriptor(int number) : number_(number) {}
  FileDescriptor(FileDescriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  FileDescriptor& operator=(FileDescriptor&&) = delete;
  ~FileDescriptor();

  int get() const { return number_; }
  // Gives it away: the caller closes it.
  int Release() { return std::exchange(number_, -1); }
  // "/proc/self/fd/<number>": the kernel's own link to the open file.
  std::string ProcPath() const;

 private:
  int number_;
};

// The code that HostFiles promises for `error` (an errno), with the path and the system's text.
[[nodiscard]] absl::Status FileError(absl::string_view path, absl::string_view attempt, int error);

// Opens `path` below the folder `root` as a handle that cannot be read (O_PATH): nothing waits, no
// device is touched. Links and ".." stay below `root` (openat2(2), RESOLVE_IN_ROOT).
absl::StatusOr<FileDescriptor> OpenHandle(int root, absl::string_view path);

// OpenHandle of a folder, where no part of `path` is a link; FAILED_PRECONDITION where one is.
absl::StatusOr<FileDescriptor> OpenFolder(int root, absl::string_view path);

// Where the link at `path` leads, as it is written there; empty: no link is there.
absl::StatusOr<std::string> LinkTarget(int root, absl::string_view path);

// Opens what `handle` points at with `flags`. `path` is for messages.
absl::StatusOr<FileDescriptor> Reopen(const FileDescriptor& handle, absl::string_view path,
                                      int flags);

// What an open file is.
absl::StatusOr<FileKind> KindOf(const FileDescriptor& file, absl::string_view path);

// Gives everything up to the end of `file` to `take`, piece by piece; a size that the file system
// states is not believed (sysfs says 4096, procfs 0). OUT_OF_RANGE past `limit_bytes`.
[[nodiscard]] absl::Status ReadToEnd(const FileDescriptor& file, absl::string_view path,
                                     size_t limit_bytes,
                                     const std::function<void(absl::string_view)>& take);

}  // namespace ccplace

#endif  // CCPLACE_LIB_HOST_FILE_DESCRIPTOR_H_
