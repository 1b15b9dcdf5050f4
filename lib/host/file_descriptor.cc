#include "lib/host/file_descriptor.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <climits>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "lib/base/text.h"

namespace ccplace {
namespace {

// Longest path that a message quotes.
constexpr size_t kPathTextLimit = 512;

// How often openat2 is tried. It gives up (EAGAIN) on a path with ".." whenever anybody on the host
// renames or mounts anything meanwhile, and asks to be tried again (openat2(2)).
constexpr int kOpenTries = 100;

absl::StatusCode CodeOf(int error) {
  switch (error) {
    case ENOENT:
    case ENOTDIR:
      return absl::StatusCode::kNotFound;
    case EACCES:
    case EPERM:
      return absl::StatusCode::kPermissionDenied;
    case ELOOP:
    case ENAMETOOLONG:
      return absl::StatusCode::kFailedPrecondition;
    default:
      return absl::StatusCode::kUnavailable;
  }
}

[[nodiscard]] absl::Status CheckPath(absl::string_view path) {
  if (path.empty() || path[0] != '/') {
    return absl::InvalidArgumentError(
        absl::StrCat(Quoted(path, kPathTextLimit), " is not an absolute path"));
  }
  if (path.find('\0') != absl::string_view::npos) {
    return absl::InvalidArgumentError(
        absl::StrCat(Quoted(path, kPathTextLimit), " holds a NUL byte"));
  }
  return absl::OkStatus();
}

FileKind KindOfMode(mode_t mode) {
  if (S_ISREG(mode)) return FileKind::kRegular;
  if (S_ISDIR(mode)) return FileKind::kDirectory;
  if (S_ISBLK(mode)) return FileKind::kBlockDevice;
  if (S_ISSOCK(mode)) return FileKind::kSocket;
  return FileKind::kOther;
}

ssize_t ReadSome(int file, char* buffer, size_t size) {
  ssize_t count = 0;
  do {
    count = read(file, buffer, size);
  } while (count < 0 && errno == EINTR);
  return count;
}

}  // namespace

FileDescriptor::~FileDescriptor() {
  if (number_ >= 0) close(number_);
}

std::string FileDescriptor::ProcPath() const { return absl::StrCat("/proc/self/fd/", number_); }

absl::Status FileError(absl::string_view path, absl::string_view attempt, int error) {
  return absl::Status(CodeOf(error),
                      absl::StrCat("cannot ", attempt, " ", Quoted(path, kPathTextLimit), ": ",
                                   std::generic_category().message(error)));
}

namespace {

absl::StatusOr<FileDescriptor> OpenBelow(int root, absl::string_view path, uint64_t flags,
                                         uint64_t resolve) {
  if (const absl::Status status = CheckPath(path); !status.ok()) return status;
  struct open_how how = {};
  how.flags = O_PATH | O_CLOEXEC | flags;
  how.resolve = RESOLVE_IN_ROOT | resolve;
  const std::string text(path);
  long number = -1;
  errno = EAGAIN;
  for (int tries = 0; tries < kOpenTries && number < 0 && errno == EAGAIN; ++tries) {
    // glibc has no wrapper.
    number = syscall(SYS_openat2, root, text.c_str(), &how, sizeof(how));
  }
  if (number < 0) return FileError(path, "open", errno);
  return FileDescriptor(static_cast<int>(number));
}

}  // namespace

absl::StatusOr<FileDescriptor> OpenHandle(int root, absl::string_view path) {
  return OpenBelow(root, path, 0, 0);
}

absl::StatusOr<FileDescriptor> OpenFolder(int root, absl::string_view path) {
  return OpenBelow(root, path, O_DIRECTORY, RESOLVE_NO_SYMLINKS);
}

absl::StatusOr<std::string> LinkTarget(int root, absl::string_view path) {
  const absl::StatusOr<FileDescriptor> link = OpenBelow(root, path, O_NOFOLLOW, 0);
  if (!link.ok()) return link.status();
  struct stat facts = {};
  if (fstat(link->get(), &facts) != 0) return FileError(path, "look at", errno);
  if (!S_ISLNK(facts.st_mode)) return std::string();
  std::array<char, PATH_MAX> target;
  const ssize_t size = readlinkat(link->get(), "", target.data(), target.size());
  if (size < 0) return FileError(path, "read", errno);
  return std::string(target.data(), static_cast<size_t>(size));
}

absl::StatusOr<FileDescriptor> Reopen(const FileDescriptor& handle, absl::string_view path,
                                      int flags) {
  FileDescriptor file(open(handle.ProcPath().c_str(), flags | O_CLOEXEC));
  if (file.get() < 0) return FileError(path, "read", errno);
  return file;
}

absl::StatusOr<FileKind> KindOf(const FileDescriptor& file, absl::string_view path) {
  struct stat facts = {};
  if (fstat(file.get(), &facts) != 0) return FileError(path, "look at", errno);
  return KindOfMode(facts.st_mode);
}

absl::Status ReadToEnd(const FileDescriptor& file, absl::string_view path, size_t limit_bytes,
                       const std::function<void(absl::string_view)>& take) {
  std::array<char, 16384> buffer;
  size_t total = 0;
  for (;;) {
    const ssize_t count = ReadSome(file.get(), buffer.data(), buffer.size());
    if (count < 0) return FileError(path, "read", errno);
    if (count == 0) return absl::OkStatus();
    total += static_cast<size_t>(count);
    if (total > limit_bytes) {
      return absl::OutOfRangeError(
          absl::StrCat(Quoted(path, kPathTextLimit), " holds more than ", limit_bytes, " bytes"));
    }
    take(absl::string_view(buffer.data(), static_cast<size_t>(count)));
  }
}

}  // namespace ccplace
