// The host's files, as seen through a host-root prefix.
#ifndef CCPLACE_LIB_HOST_HOST_FILES_H_
#define CCPLACE_LIB_HOST_HOST_FILES_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace ccplace {

// What a path leads to once symbolic links are followed.
enum class FileKind { kRegular, kDirectory, kBlockDevice, kSocket, kOther };

// Whose a file is, what others may do with it, and when that or its content changed (stat(2)).
struct FileAccess {
  uint32_t uid = 0;
  uint32_t gid = 0;
  uint32_t mode = 0;     // The permission bits, 07777.
  bool has_acl = false;  // An access control list says more than the mode (acl(5)).
  // st_ctime in nanoseconds: another one after every change, of names where it is a folder.
  int64_t changed_ns = 0;
};

// Most that HostFiles hashes, and most names that it lists.
inline constexpr size_t kHashLimitBytes = size_t{64} * 1024 * 1024;
inline constexpr size_t kDirectoryLimit = 4096;
// Most symbolic links in one path: the kernel's own limit (path_resolution(7)).
inline constexpr int kLinkLimit = 40;

// Reads the host's file system. Paths are absolute and as the host itself sees them; a prefix
// (option --host_root) is put before them, and symbolic links are resolved inside it, so that a
// container sees its host's files and never its own by mistake. Thread-safe.
//
// Every call fails with NOT_FOUND, PERMISSION_DENIED, INVALID_ARGUMENT (no absolute path, or a NUL
// byte), FAILED_PRECONDITION (endless links, a name too long), or UNAVAILABLE (anything else), with
// the path and the system's text in the message. No call waits for a peer.
class HostFiles {
 public:
  virtual ~HostFiles() = default;

  // The content of a regular file. OUT_OF_RANGE when it holds more than `limit_bytes`;
  // FAILED_PRECONDITION when it is no regular file.
  virtual absl::StatusOr<std::string> ReadFile(absl::string_view path,
                                               size_t limit_bytes) const = 0;

  // The first `bytes` of a regular file or block device; fewer when it is shorter.
  // FAILED_PRECONDITION when it is neither.
  virtual absl::StatusOr<std::string> ReadHead(absl::string_view path, size_t bytes) const = 0;

  // Names in a directory, sorted, without "." and "..". OUT_OF_RANGE past
  // kDirectoryLimit names.
  virtual absl::StatusOr<std::vector<std::string>> ListDirectory(absl::string_view path) const = 0;

  // `path` without symbolic links, "." or "..", still as the host sees it (no prefix). Everything
  // on the way must exist.
  virtual absl::StatusOr<std::string> Resolve(absl::string_view path) const = 0;

  // The kind of file at `path`.
  virtual absl::StatusOr<FileKind> Kind(absl::string_view path) const = 0;

  // The same text for the same file or device, by whatever name it is reached: a device's number
  // (st_rdev), else file system and inode (st_dev and st_ino, stat(2)).
  virtual absl::StatusOr<std::string> Identity(absl::string_view path) const = 0;

  // Whether nobody but root can have `path` lead elsewhere: every folder above it, and above what
  // it leads to where it is a link itself, is root's, may be written by nobody else and is reached
  // through no link.
  virtual absl::StatusOr<bool> IsRootControlled(absl::string_view path) const = 0;

  // Owner and mode of the file at `path`, and its last change.
  virtual absl::StatusOr<FileAccess> Access(absl::string_view path) const = 0;

  // OK when a unix stream socket at `path` takes a connection; it is closed at once, nothing is
  // sent. FAILED_PRECONDITION when nobody listens, or there is something else than a stream socket;
  // UNAVAILABLE when so many connections wait already that it takes no more.
  virtual absl::Status ConnectUnixSocket(absl::string_view path) const = 0;

  // SHA-384 of a regular file, 48 bytes. OUT_OF_RANGE past kHashLimitBytes; FAILED_PRECONDITION
  // when it is no regular file.
  virtual absl::StatusOr<std::string> Sha384(absl::string_view path) const = 0;
};

// The one line that the file at `path` holds, without blanks at its end; of 4096 bytes at most.
// INVALID_ARGUMENT: it is empty or not printable; the codes of HostFiles otherwise. Thread-safe.
absl::StatusOr<std::string> ReadWord(const HostFiles& files, absl::string_view path);

}  // namespace ccplace

#endif  // CCPLACE_LIB_HOST_HOST_FILES_H_
