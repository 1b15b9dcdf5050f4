// Which connections are open, and the peer of each.
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
#include "server/common/concurrency_quota.h"

namespace ccplace {

// A process as the kernel knew it when it connected (SO_PEERCRED, unix(7)).
struct PeerCredentials {
  uid_t uid = 0;
  gid_t gid = 0;
  pid_t pid = 0;
};

// "uid=1000 gid=1000 pid=4242".
std::string ToText(const PeerCredentials& peer);

// The credentials of the peer of `fd`, a connected unix socket. Nothing when the kernel has none.
std::optional<PeerCredentials> ReadPeerCredentials(int fd);

// How many connections were ended, and whose they were: QuotaKey's callers.
struct ClosedConnections {
  size_t connections = 0;
  std::set<std::string> callers;
};

// Records the peer of each connection that was handed to gRPC, which names a call's peer by the
// connection's descriptor ("fd:17"). For the audit and for limits per caller, never for
// authorization: the role comes with the endpoint. Thread-safe.
class ConnectionTable {
 public:
  // Each caller may have `limits.per_caller` connections at an endpoint. For `unbounded_users` the
  // endpoint's bound alone holds.
  ConnectionTable(QuotaLimits limits, std::set<uid_t> unbounded_users);

  // The caller that a connection of `peer` counts for, as in QuotaKey.
  std::string CallerOf(const PeerCredentials& peer) const;

  // Whether `quota_key` may have one more connection. At the limit, connections that were closed
  // meanwhile are removed first.
  QuotaResult CheckQuota(const QuotaKey& quota_key);

  // Records the peer of `fd`, in place of an earlier one with that descriptor, and counts the
  // connection for `quota_key`. No `peer`: the kernel has none.
  void Register(int fd, const QuotaKey& quota_key, std::optional<PeerCredentials> peer);

  // The peer that gRPC calls `peer`. Nothing when it is no connection of this table.
  std::optional<PeerCredentials> Find(absl::string_view peer) const;

  // Removes the connections that were closed at the previous call. Ends the open ones whose peer
  // has read nothing of what waits for it for `patience`: at each call since, as many bytes waited.
  // gRPC's keepalive does not find such a peer on a unix socket, because the ping waits behind
  // those bytes. Returns how many it ended. Call it several times within `patience`.
  size_t CloseStalled(std::chrono::steady_clock::time_point now, std::chrono::nanoseconds patience);

  // Whether a connection is of one of `unbounded_users`: it is never closed for memory.
  bool IsExempt(const std::optional<PeerCredentials>& peer) const;

  // Whether there is a connection that is not exempt. A closed one counts until it is removed.
  // Takes the same time however many there are.
  bool HasNonExempt() const;

  // Closes the connections that are not exempt and have at least `least_unread_bytes` (from 0 up)
  // waiting to be read, and discards these bytes: their peers send faster than gRPC reads.
  ClosedConnections CloseNonExempt(int least_unread_bytes) const;

  // Ends every connection that is still open, as if its peer had closed it; returns how many.
  // Ownership does not change: the descriptors stay open.
  size_t CloseAll() const;

  const QuotaLimits& limits() const { return quotas_.limits(); }

 private:
  struct Connection {
    std::optional<PeerCredentials> peer;
    QuotaKey quota_key;
    ino_t inode = 0;        // Of the socket: differs from a later one with the same descriptor.
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
  ConcurrencyQuota quotas_;
  std::unordered_map<int, Connection> connections_;
  size_t non_exempt_ = 0;  // Of connections_.
};

}  // namespace ccplace

#endif  // CCPLACE_SERVER_TRANSPORT_CONNECTION_TABLE_H_
