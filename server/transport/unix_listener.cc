#include "server/transport/unix_listener.h"

#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/status/status.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "lib/base/text.h"

namespace ccplace {
namespace {

constexpr int kUnixBacklog = 1024;
constexpr uid_t kUnchanged = static_cast<uid_t>(-1);

absl::string_view RemedyFor(int error) {
  switch (error) {
    case EACCES:
      return "; start the service by systemd, which gives it the folder, or name a folder of your "
             "own with --operator_socket and --readonly_socket";
    case ENOENT:
      return "; make the folders above it, or name another path";
    default:
      return "";
  }
}

absl::Status SystemError(const std::string& path, absl::string_view attempt, int error) {
  return absl::UnavailableError(absl::StrCat("socket ", Quoted(path), ": cannot ", attempt, ": ",
                                             std::strerror(error), RemedyFor(error)));
}

absl::StatusOr<sockaddr_un> AddressOf(const std::string& path) {
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  if (path.empty() || path[0] != '/' || path.size() >= sizeof(address.sun_path)) {
    return absl::InvalidArgumentError(absl::StrCat("socket ", Quoted(path),
                                                   ": give an absolute path of at most ",
                                                   sizeof(address.sun_path) - 1, " bytes"));
  }
  std::memcpy(address.sun_path, path.data(), path.size());
  return address;
}

// A user's or group's number, from itself or by `find`.
template <typename Find>
absl::StatusOr<uid_t> NumberOf(absl::string_view kind, const std::string& name, Find find) {
  uid_t number = kUnchanged;
  if (name.empty()) return kUnchanged;
  // To chown(2) the highest number says to change nothing: nobody has it.
  if (absl::SimpleAtoi(name, &number) && number != kUnchanged) return number;
  const auto* entry = find(name.c_str());
  if (entry != nullptr) return *entry;
  return absl::InvalidArgumentError(
      absl::StrCat("there is no ", kind, " ", Quoted(name), "; create it, or name another"));
}

absl::StatusOr<uid_t> UserNumber(const std::string& name) {
  return NumberOf("user", name, [](const char* text) -> const uid_t* {
    const passwd* entry = getpwnam(text);
    return entry == nullptr ? nullptr : &entry->pw_uid;
  });
}

absl::StatusOr<gid_t> GroupNumber(const std::string& name) {
  return NumberOf("group", name, [](const char* text) -> const gid_t* {
    const group* entry = getgrnam(text);
    return entry == nullptr ? nullptr : &entry->gr_gid;
  });
}

// The folder, locked against another daemon that starts at the same moment: the descriptor holds
// the lock.
absl::StatusOr<int> LockFolder(const std::string& path) {
  const std::string folder = path.substr(0, std::max<size_t>(path.rfind('/'), 1));
  if (mkdir(folder.c_str(), 0755) != 0 && errno != EEXIST) {
    return SystemError(path, "make its folder", errno);
  }
  const int fd = open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return SystemError(path, "open its folder", errno);
  auto closer = absl::MakeCleanup([fd] { close(fd); });
  struct stat info = {};
  if (fstat(fd, &info) != 0) return SystemError(path, "look at its folder", errno);
  if ((info.st_mode & S_IWOTH) != 0 && (info.st_mode & S_ISVTX) == 0) {
    return absl::FailedPreconditionError(absl::StrCat(
        "socket ", Quoted(path), ": everybody may replace it there; chmod o-w ", folder));
  }
  if (flock(fd, LOCK_EX) != 0) return SystemError(path, "lock its folder", errno);
  std::move(closer).Cancel();
  return fd;
}

// Whether a program listens at `address`. A full backlog means yes.
bool IsServed(const sockaddr_un& address) {
  const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return true;
  const bool refused =
      connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0 &&
      errno == ECONNREFUSED;
  close(fd);
  return !refused;
}

absl::Status RemoveStale(const std::string& path, const sockaddr_un& address) {
  struct stat info = {};
  if (lstat(path.c_str(), &info) != 0) {
    return errno == ENOENT ? absl::OkStatus() : SystemError(path, "look at what is there", errno);
  }
  if (!S_ISSOCK(info.st_mode)) {
    return absl::FailedPreconditionError(
        absl::StrCat("socket ", Quoted(path), ": something else is there; remove it"));
  }
  if (IsServed(address)) {
    return absl::AlreadyExistsError(
        absl::StrCat("socket ", Quoted(path),
                     ": in use; stop the program that listens there, or name another path"));
  }
  if (unlink(path.c_str()) != 0) return SystemError(path, "remove a stale socket", errno);
  return absl::OkStatus();
}

// A socket with its name in the folder. Linux gives the name the mode of the unbound socket: nobody
// but the daemon can connect before owner and mode are in force.
absl::StatusOr<int> BindForItselfAlone(const std::string& path, const sockaddr_un& address) {
  const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return SystemError(path, "make it", errno);
  auto closer = absl::MakeCleanup([fd] { close(fd); });
  if (fchmod(fd, 0600) != 0 ||
      bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) {
    return SystemError(path, "bind it", errno);
  }
  std::move(closer).Cancel();
  return fd;
}

}  // namespace

UnixListener::UnixListener(int fd, std::string path) : Listener(fd), path_(std::move(path)) {
  struct stat info = {};
  if (path_.empty() || lstat(path_.c_str(), &info) != 0) return;
  device_ = info.st_dev;
  inode_ = info.st_ino;
}

absl::StatusOr<std::unique_ptr<UnixListener>> UnixListener::Adopt(absl::string_view endpoint,
                                                                  int fd) {
  if (sd_is_socket_unix(fd, SOCK_STREAM, /*listening=*/1, nullptr, 0) <= 0) {
    return absl::InvalidArgumentError(absl::StrCat(
        endpoint,
        ": what systemd hands over is no unix stream socket that is listened on; in its socket "
        "unit give ListenStream= an absolute path and leave Accept= out (--tls_address serves "
        "TCP)"));
  }
  fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
  return std::unique_ptr<UnixListener>(new UnixListener(fd, ""));
}

absl::StatusOr<std::unique_ptr<UnixListener>> UnixListener::Open(const UnixSocketOptions& options) {
  const std::string& path = options.path;
  const auto address = AddressOf(path);
  if (!address.ok()) return address.status();
  const auto owner = UserNumber(options.owner);
  if (!owner.ok()) return owner.status();
  const auto group = GroupNumber(options.group);
  if (!group.ok()) return group.status();
  const auto folder = LockFolder(path);
  if (!folder.ok()) return folder.status();
  const auto unlock = absl::MakeCleanup([fd = *folder] { close(fd); });
  const absl::Status stale = RemoveStale(path, *address);
  if (!stale.ok()) return stale;
  const auto fd = BindForItselfAlone(path, *address);
  if (!fd.ok()) return fd.status();
  auto listener = std::unique_ptr<UnixListener>(new UnixListener(*fd, path));
  if (lchown(path.c_str(), *owner, *group) != 0) return SystemError(path, "give it away", errno);
  if (chmod(path.c_str(), options.mode) != 0) return SystemError(path, "set its mode", errno);
  if (listen(*fd, kUnixBacklog) != 0) return SystemError(path, "listen", errno);
  return listener;
}

UnixListener::~UnixListener() {
  struct stat info = {};
  if (path_.empty() || lstat(path_.c_str(), &info) != 0) return;
  if (info.st_dev == device_ && info.st_ino == inode_) unlink(path_.c_str());
}

}  // namespace ccplace
