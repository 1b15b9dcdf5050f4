#include "server/transport/connection_table.h"

#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <utility>

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

// Bytes written that the peer has not read (SIOCOUTQ; unix(7) and tcp(7)). 0 where the kernel does
// not say.
int WaitingBytes(int fd) {
  int bytes = 0;
  return ioctl(fd, SIOCOUTQ, &bytes) == 0 ? bytes : 0;
}

// What has come and was not read (SIOCINQ), as above.
int UnreadBytes(int fd) {
  int bytes = 0;
  return ioctl(fd, SIOCINQ, &bytes) == 0 ? bytes : 0;
}

// Reads away what has come and was not read: gRPC would still take it in.
void Discard(int fd) {
  std::array<char, 65536> bytes{};
  // A peer that goes on while this reads: its end is shut by then.
  constexpr int kMostReads = 64;
  for (int i = 0; i < kMostReads; ++i) {
    if (recv(fd, bytes.data(), bytes.size(), MSG_DONTWAIT) <= 0) return;
  }
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

ConnectionTable::ConnectionTable(QuotaLimits limits, std::set<uid_t> unbounded_users)
    : unbounded_users_(std::move(unbounded_users)), quotas_(limits) {}

std::string ConnectionTable::CallerOf(const PeerCredentials& peer) const {
  return IsExempt(peer) ? "" : absl::StrCat("user ", peer.uid);
}

bool ConnectionTable::IsOpen(int fd, const Connection& connection) {
  return SocketInode(fd) == connection.inode;
}

void ConnectionTable::Count(const Connection& connection) {
  quotas_.Acquire(connection.quota_key);
  if (!IsExempt(connection.peer)) ++non_exempt_;
}

void ConnectionTable::Uncount(const Connection& connection) {
  quotas_.Release(connection.quota_key);
  if (!IsExempt(connection.peer)) --non_exempt_;
}

template <typename Meant>
void ConnectionTable::Forget(const Meant& meant) {
  for (auto it = connections_.begin(); it != connections_.end();) {
    if (!meant(it->first, it->second)) {
      ++it;
      continue;
    }
    Uncount(it->second);
    it = connections_.erase(it);
  }
}

QuotaResult ConnectionTable::CheckQuota(const QuotaKey& quota_key) {
  const std::lock_guard<std::mutex> lock(mutex_);
  QuotaResult result = quotas_.Check(quota_key);
  if (result == QuotaResult::kCallerFull) {
    Forget([&quota_key](int fd, const Connection& other) {
      return other.quota_key.endpoint == quota_key.endpoint &&
             other.quota_key.caller == quota_key.caller && !IsOpen(fd, other);
    });
    result = quotas_.Check(quota_key);
  }
  if (result == QuotaResult::kEndpointFull) {
    Forget([&quota_key](int fd, const Connection& other) {
      return other.quota_key.endpoint == quota_key.endpoint && !IsOpen(fd, other);
    });
    result = quotas_.Check(quota_key);
  }
  return result;
}

void ConnectionTable::Register(int fd, const QuotaKey& quota_key,
                               std::optional<PeerCredentials> peer) {
  const std::lock_guard<std::mutex> lock(mutex_);
  const auto earlier = connections_.find(fd);
  if (earlier != connections_.end()) Uncount(earlier->second);
  const Connection& noted = connections_[fd] = {peer, quota_key, SocketInode(fd)};
  Count(noted);
}

std::optional<PeerCredentials> ConnectionTable::Find(absl::string_view peer) const {
  int fd = -1;
  if (!absl::ConsumePrefix(&peer, "fd:") || !absl::SimpleAtoi(peer, &fd)) return std::nullopt;
  const std::lock_guard<std::mutex> lock(mutex_);
  const auto found = connections_.find(fd);
  if (found == connections_.end()) return std::nullopt;
  return found->second.peer;
}

size_t ConnectionTable::CloseStalled(std::chrono::steady_clock::time_point now,
                                     std::chrono::nanoseconds patience) {
  const std::lock_guard<std::mutex> lock(mutex_);
  // Its last call may still look up the peer.
  Forget([](int fd, Connection& connection) {
    return std::exchange(connection.closed, !IsOpen(fd, connection)) && connection.closed;
  });
  size_t cut = 0;
  for (auto& [fd, connection] : connections_) {
    if (connection.closed) continue;
    const int waiting = WaitingBytes(fd);
    if (waiting == 0 || waiting != connection.waiting_bytes) {
      connection.waiting_bytes = waiting;
      connection.waiting_since = now;
    } else if (now - connection.waiting_since >= patience && shutdown(fd, SHUT_RDWR) == 0) {
      ++cut;
    }
  }
  return cut;
}

bool ConnectionTable::IsExempt(const std::optional<PeerCredentials>& peer) const {
  return peer.has_value() && unbounded_users_.count(peer->uid) > 0;
}

bool ConnectionTable::HasNonExempt() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return non_exempt_ > 0;
}

template <typename Meant>
ClosedConnections ConnectionTable::CloseIf(const Meant& meant) const {
  const std::lock_guard<std::mutex> lock(mutex_);
  ClosedConnections cut;
  for (const auto& [fd, connection] : connections_) {
    if (!IsOpen(fd, connection) || !meant(fd, connection) || shutdown(fd, SHUT_RDWR) != 0) continue;
    Discard(fd);
    ++cut.connections;
    cut.callers.insert(connection.quota_key.caller);
  }
  return cut;
}

ClosedConnections ConnectionTable::CloseNonExempt(int least_unread_bytes) const {
  return CloseIf([this, least_unread_bytes](int fd, const Connection& connection) {
    return !IsExempt(connection.peer) && UnreadBytes(fd) >= least_unread_bytes;
  });
}

size_t ConnectionTable::CloseAll() const {
  return CloseIf([](int, const Connection&) { return true; }).connections;
}

}  // namespace ccplace
