// Which connections are open, and who is at the other end.
#ifndef CCPLACE_SERVER_TRANSPORT_CONNECTION_TABLE_H_
#define CCPLACE_SERVER_TRANSPORT_CONNECTION_TABLE_H_

#include <sys/types.h>

#include <chrono>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>

#include "absl/strings/string_view.h"
#include "server/common/quota.h"

namespace ccplace {

// A process as the kernel knew it when it connected (SO_PEERCRED, unix(7)).
struct PeerCredentials {
  uid_t uid = 0;
  gid_t gid = 0;
  pid_t pid = 0;
};

// "uid=1000 gid=1000 pid=4242".
std::string ToText(const PeerCredentials& peer);

// The credentials of who is behind `fd`, a connected unix socket. Nothing when the kernel does not
// tell.
std::optional<PeerCredentials> ReadPeerCredentials(int fd);

// How many connections were ended, and whose they were: QuotaKey's callers.
struct ClosedConnections {
  size_t connections = 0;
  std::set<std::string> callers;
};

// Remembers who is behind each connection that was handed to gRPC, which names a call's peer by
// the connection's descriptor ("fd:17"). For the audit and the bounds on how much one caller holds,
// never for what a caller may do: that comes with the endpoint. Thread-safe.
class ConnectionTable {
 public:
  // Each caller may have `limits.per_caller` connections at an endpoint. For `unbounded_users` the
  // endpoint's bound alone holds.
  ConnectionTable(QuotaLimits limits, std::set<uid_t> unbounded_users);

  // Whom a connection of `peer` counts for, as a QuotaKey's caller.
  std::string CallerOf(const PeerCredentials& peer) const;

  // Whether `quota_key` may have one more connection. Where the bound is reached, those that are
  // closed meanwhile are forgotten first.
  QuotaResult CheckQuota(const QuotaKey& quota_key);

  // Notes who is behind `fd`, in place of whoever had that descriptor before, and takes a place for
  // `quota_key`. No `peer`: the kernel does not tell.
  void Register(int fd, const QuotaKey& quota_key, std::optional<PeerCredentials> peer);

  // Who is behind gRPC's `peer` name. Nothing when it is no connection noted here.
  std::optional<PeerCredentials> Find(absl::string_view peer) const;

  // Forgets the connections that were closed at the look before. Of those that are open, ends those
  // whose peer has taken in nothing of what waits for it for `patience`: at each look since, as
  // many bytes waited. gRPC's keepalive finds no such peer on a unix socket: its sign of life waits
  // behind the bytes. Returns how many it ended; look several times within `patience`.
  size_t CloseStalled(std::chrono::steady_clock::time_point now, std::chrono::nanoseconds patience);

  // Whether a connection counts for one of `unbounded_users`: who is spared when others are cut.
  bool IsExempt(const std::optional<PeerCredentials>& peer) const;

  // Whether anybody has a connection who is not spared. One that was closed counts until it is
  // forgotten. Quick, however many there are.
  bool HasNonExempt() const;

  // Of the connections of who is not spared, ends those from which at least so many bytes have come
  // that nobody has read yet, from 0 up, and reads these away: who sends faster than gRPC reads.
  ClosedConnections CloseNonExempt(int least_unread_bytes) const;

  // Ends every connection that is still open, as if its peer had gone; returns how many. They stay
  // whoever's they are: the descriptors are not closed.
  size_t CloseAll() const;

  const QuotaLimits& limits() const { return quotas_.limits(); }

 private:
  struct Connection {
    std::optional<PeerCredentials> peer;
    QuotaKey quota_key;
    ino_t inode = 0;        // Of the socket: tells it from a later one with the same descriptor.
    bool closed = false;    // At the latest look.
    int waiting_bytes = 0;  // At the latest look, and since when just as many.
    std::chrono::steady_clock::time_point waiting_since = {};
  };

  // Keep the counts of what is in connections_.
  void Count(const Connection& connection);
  void Uncount(const Connection& connection);
  // Ends those that are open and `meant`.
  template <typename Meant>
  ClosedConnections CloseIf(const Meant& meant) const;
  static bool IsOpen(int fd, const Connection& connection);
  // Forgets those that are `meant`, a function of descriptor and connection.
  template <typename Meant>
  void Forget(const Meant& meant);

  const std::set<uid_t> unbounded_users_;
  mutable std::mutex mutex_;
  QuotaTracker quotas_;
  std::unordered_map<int, Connection> connections_;
  size_t non_exempt_ = 0;  // Of connections_.
};

}  // namespace ccplace

#endif  // CCPLACE_SERVER_TRANSPORT_CONNECTION_TABLE_H_
