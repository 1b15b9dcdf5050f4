#include "lib/host/real_host_files.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <cstring>
#include <ctime>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "lib/base/digest.h"
#include "lib/base/text.h"
#include "lib/host/file_descriptor.h"

namespace ccplace {
namespace {

// A handle on `path` when it is of `kind`, else FAILED_PRECONDITION that says `wanted`.
absl::StatusOr<FileDescriptor> OpenOfKind(int root, absl::string_view path, FileKind kind,
                                          absl::string_view wanted) {
  absl::StatusOr<FileDescriptor> handle = OpenHandle(root, path);
  if (!handle.ok()) return handle;
  const absl::StatusOr<FileKind> found = KindOf(*handle, path);
  if (!found.ok()) return found.status();
  if (*found != kind) {
    return absl::FailedPreconditionError(absl::StrCat(Quoted(path), " is no ", wanted));
  }
  return handle;
}

absl::StatusOr<FileDescriptor> OpenRegular(int root, absl::string_view path) {
  const absl::StatusOr<FileDescriptor> handle =
      OpenOfKind(root, path, FileKind::kRegular, "regular file");
  if (!handle.ok()) return handle.status();
  return Reopen(*handle, path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
}

absl::StatusOr<FileStamp> StateOf(const FileDescriptor& file, absl::string_view path) {
  struct stat status = {};
  if (fstat(file.get(), &status) != 0) return FileError(path, "look at", errno);
  return FileStamp(status);
}

absl::StatusOr<std::string> Hash(const FileDescriptor& file, absl::string_view path) {
  Digest hash(DigestAlgorithm::kSha384);
  const absl::Status status =
      ReadToEnd(file, path, kHashLimitBytes, [&hash](absl::string_view piece) { hash.Add(piece); });
  if (!status.ok()) return status;
  return hash.Finish();
}

absl::Status NotReadable(absl::string_view path) {
  return absl::FailedPreconditionError(
      absl::StrCat(Quoted(path), " is neither a regular file nor a block device"));
}

// The path of an open file in this process's own file system.
absl::StatusOr<std::string> OwnPath(const FileDescriptor& file, absl::string_view path) {
  std::array<char, PATH_MAX> buffer;
  const ssize_t size = readlink(file.ProcPath().c_str(), buffer.data(), buffer.size());
  if (size < 0) return FileError(path, "resolve", errno);
  if (static_cast<size_t>(size) == buffer.size()) return FileError(path, "resolve", ENAMETOOLONG);
  return std::string(buffer.data(), static_cast<size_t>(size));
}

// Whether every folder above `path` is root's alone and reached through no link.
absl::StatusOr<bool> IsBelowRootsFolders(int root, absl::string_view path) {
  // From the root down: what is below a folder of root's alone cannot be exchanged meanwhile.
  for (size_t slash = 0; slash != absl::string_view::npos; slash = path.find('/', slash + 1)) {
    const absl::string_view folder = slash == 0 ? "/" : path.substr(0, slash);
    const absl::StatusOr<FileDescriptor> handle = OpenFolder(root, folder);
    if (absl::IsFailedPrecondition(handle.status())) return false;
    if (!handle.ok()) return handle.status();
    struct stat facts = {};
    if (fstat(handle->get(), &facts) != 0) return FileError(folder, "look at", errno);
    if (facts.st_uid != 0 || (facts.st_mode & (S_IWGRP | S_IWOTH)) != 0) return false;
  }
  return true;
}

struct CloseDirectory {
  void operator()(DIR* directory) const { closedir(directory); }
};

absl::StatusOr<std::vector<std::string>> ReadNames(DIR* directory, absl::string_view path) {
  std::vector<std::string> names;
  for (;;) {
    errno = 0;
    const dirent* entry = readdir(directory);
    if (entry == nullptr) break;
    const absl::string_view name = entry->d_name;
    if (name == "." || name == "..") continue;
    if (names.size() == kDirectoryLimit) {
      return absl::OutOfRangeError(
          absl::StrCat(Quoted(path), " holds more than ", kDirectoryLimit, " names"));
    }
    names.emplace_back(name);
  }
  if (errno != 0) return FileError(path, "list", errno);
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace

absl::StatusOr<std::unique_ptr<RealHostFiles>> RealHostFiles::Open(const std::string& host_root) {
  FileDescriptor root(open(host_root.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (root.get() < 0) return FileError(host_root, "open", errno);
  return std::unique_ptr<RealHostFiles>(new RealHostFiles(root.Release()));
}

RealHostFiles::~RealHostFiles() { close(root_); }

absl::StatusOr<std::string> RealHostFiles::ReadFile(absl::string_view path,
                                                    size_t limit_bytes) const {
  const absl::StatusOr<FileDescriptor> file = OpenRegular(root_, path);
  if (!file.ok()) return file.status();
  std::string content;
  const absl::Status status =
      ReadToEnd(*file, path, limit_bytes,
                [&content](absl::string_view piece) { absl::StrAppend(&content, piece); });
  if (!status.ok()) return status;
  return content;
}

absl::StatusOr<std::string> RealHostFiles::ReadHead(absl::string_view path, size_t bytes) const {
  const absl::StatusOr<FileDescriptor> handle = OpenHandle(root_, path);
  if (!handle.ok()) return handle.status();
  const absl::StatusOr<FileKind> kind = KindOf(*handle, path);
  if (!kind.ok()) return kind.status();
  if (*kind != FileKind::kRegular && *kind != FileKind::kBlockDevice) return NotReadable(path);
  const absl::StatusOr<FileDescriptor> file =
      Reopen(*handle, path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
  if (!file.ok()) return file.status();
  std::string head(bytes, '\0');
  const ssize_t size = pread(file->get(), head.data(), bytes, 0);
  if (size < 0) return FileError(path, "read", errno);
  head.resize(static_cast<size_t>(size));
  return head;
}

absl::StatusOr<std::vector<std::string>> RealHostFiles::ListDirectory(
    absl::string_view path) const {
  const absl::StatusOr<FileDescriptor> handle = OpenHandle(root_, path);
  if (!handle.ok()) return handle.status();
  absl::StatusOr<FileDescriptor> file = Reopen(*handle, path, O_RDONLY | O_DIRECTORY);
  if (!file.ok()) return file.status();
  const std::unique_ptr<DIR, CloseDirectory> directory(fdopendir(file->get()));
  if (directory == nullptr) return FileError(path, "list", errno);
  file->Release();
  return ReadNames(directory.get(), path);
}

absl::StatusOr<std::string> RealHostFiles::Resolve(absl::string_view path) const {
  const absl::StatusOr<FileDescriptor> root = OpenHandle(root_, "/");
  if (!root.ok()) return root.status();
  const absl::StatusOr<FileDescriptor> file = OpenHandle(root_, path);
  if (!file.ok()) return file.status();
  const absl::StatusOr<std::string> root_path = OwnPath(*root, "/");
  if (!root_path.ok()) return root_path.status();
  const absl::StatusOr<std::string> file_path = OwnPath(*file, path);
  if (!file_path.ok()) return file_path.status();
  absl::string_view below = *file_path;
  const absl::string_view prefix = *root_path == "/" ? "" : absl::string_view(*root_path);
  if (!absl::ConsumePrefix(&below, prefix) || (!below.empty() && below[0] != '/')) {
    return absl::UnavailableError(absl::StrCat(Quoted(path), " leads out of the host's root"));
  }
  return below.empty() ? std::string("/") : std::string(below);
}

absl::StatusOr<FileKind> RealHostFiles::Kind(absl::string_view path) const {
  const absl::StatusOr<FileDescriptor> handle = OpenHandle(root_, path);
  if (!handle.ok()) return handle.status();
  return KindOf(*handle, path);
}

absl::StatusOr<std::string> RealHostFiles::Identity(absl::string_view path) const {
  const absl::StatusOr<FileDescriptor> handle = OpenHandle(root_, path);
  if (!handle.ok()) return handle.status();
  struct stat facts = {};
  if (fstat(handle->get(), &facts) != 0) return FileError(path, "look at", errno);
  if (S_ISBLK(facts.st_mode)) return absl::StrCat("device ", facts.st_rdev);
  return absl::StrCat("file ", facts.st_dev, " ", facts.st_ino);
}

absl::StatusOr<bool> RealHostFiles::IsRootControlled(absl::string_view path) const {
  std::string name(path);
  for (int links = 0; links < kLinkLimit; ++links) {
    absl::StatusOr<bool> controlled = IsBelowRootsFolders(root_, name);
    if (!controlled.ok() || !*controlled) return controlled;
    const absl::StatusOr<std::string> target = LinkTarget(root_, name);
    if (!target.ok()) return target.status();
    if (target->empty()) return true;
    name = absl::StartsWith(*target, "/")
               ? *target
               : absl::StrCat(name.substr(0, name.rfind('/') + 1), *target);
  }
  return false;
}

absl::StatusOr<FileAccess> RealHostFiles::Access(absl::string_view path) const {
  const absl::StatusOr<FileDescriptor> handle = OpenHandle(root_, path);
  if (!handle.ok()) return handle.status();
  struct stat status = {};
  if (fstat(handle->get(), &status) != 0) return FileError(path, "look at", errno);
  // Through the handle's own link: the handle itself cannot be asked (open(2), O_PATH). A file
  // system without such lists says so with an error.
  const ssize_t acl = getxattr(handle->ProcPath().c_str(), "system.posix_acl_access", nullptr, 0);
  constexpr int64_t kNsPerSecond = 1'000'000'000;
  return FileAccess{status.st_uid, status.st_gid, status.st_mode & 07777u, acl > 0,
                    status.st_ctim.tv_sec * kNsPerSecond + status.st_ctim.tv_nsec};
}

absl::Status RealHostFiles::ConnectUnixSocket(absl::string_view path) const {
  const absl::StatusOr<FileDescriptor> handle =
      OpenOfKind(root_, path, FileKind::kSocket, "unix socket");
  if (!handle.ok()) return handle.status();
  const FileDescriptor connection(socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (connection.get() < 0) return FileError(path, "connect to", errno);
  // Through the handle's own link: the path may be longer than sun_path, and may mean another
  // socket outside of the host's root.
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  const std::string link = handle->ProcPath();
  std::memcpy(address.sun_path, link.c_str(), link.size() + 1);
  if (connect(connection.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) ==
      0) {
    return absl::OkStatus();
  }
  const int error = errno;
  const absl::Status failure = FileError(path, "connect to", error);
  const bool nobody_serves = error == ECONNREFUSED || error == EPROTOTYPE;
  return nobody_serves ? absl::FailedPreconditionError(failure.message()) : failure;
}

absl::StatusOr<std::string> RealHostFiles::Sha384(absl::string_view path) const {
  const absl::StatusOr<FileDescriptor> file = OpenRegular(root_, path);
  if (!file.ok()) return file.status();
  const absl::StatusOr<FileStamp> before = StateOf(*file, path);
  if (!before.ok()) return before.status();
  if (auto known = digests_.Find(*before)) return *std::move(known);
  absl::StatusOr<std::string> digest = Hash(*file, path);
  const absl::StatusOr<FileStamp> after = StateOf(*file, path);
  if (digest.ok() && after.ok() && *before == *after && after->IsStable(std::time(nullptr))) {
    digests_.Keep(*after, *digest);
  }
  return digest;
}

}  // namespace ccplace
