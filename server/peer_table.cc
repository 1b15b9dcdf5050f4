#include "server/peer_table.h"

#include <sys/socket.h>
#include <sys/stat.h>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace ccplace {
namespace {

// 0 when `fd` is no open socket.
ino_t SocketInode(int fd) {
  struct stat info = {};
  return fstat(fd, &info) == 0 && S_ISSOCK(info.st_mode) ? info.st_ino : 0;
}

}  // namespace

std::string ToText(const PeerCredentials& peer) {
  return absl::StrCat("uid=", peer.uid, " gid=", peer.gid, " pid=", peer.pid);
}

std::optional<PeerCredentials> ReadPeerCredentials(int fd) {
  ucred found = {};
  socklen_t size = sizeof(found);
  if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &found, &size) != 0) return std::nullopt;
  // What the kernel says of a socket that is no unix one.
  if (found.uid == static_cast<uid_t>(-1)) return std::nullopt;
  return PeerCredentials{found.uid, found.gid, found.pid};
}

void PeerTable::Note(int fd, std::optional<PeerCredentials> peer) {
  const std::lock_guard<std::mutex> lock(mutex_);
  connections_[fd] = {peer, SocketInode(fd)};
}

std::optional<PeerCredentials> PeerTable::Find(absl::string_view peer) const {
  int fd = -1;
  if (!absl::ConsumePrefix(&peer, "fd:") || !absl::SimpleAtoi(peer, &fd)) return std::nullopt;
  const std::lock_guard<std::mutex> lock(mutex_);
  const auto found = connections_.find(fd);
  if (found == connections_.end()) return std::nullopt;
  return found->second.peer;
}

bool PeerTable::HasRoom(size_t limit) {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (connections_.size() < limit) return true;
  for (auto it = connections_.begin(); it != connections_.end();) {
    it = SocketInode(it->first) == it->second.inode ? std::next(it) : connections_.erase(it);
  }
  return connections_.size() < limit;
}

}  // namespace ccplace
