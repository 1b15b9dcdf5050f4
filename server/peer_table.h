// Which connections are open, and who is at the other end.
#ifndef CCPLACE_SERVER_PEER_TABLE_H_
#define CCPLACE_SERVER_PEER_TABLE_H_

#include <sys/types.h>

#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>

#include "absl/strings/string_view.h"

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

// Remembers who is behind each connection that was handed to gRPC, which names a call's peer by
// the connection's descriptor ("fd:17"). For the audit, never for a decision: what a caller may do
// comes with the door. Thread-safe.
class PeerTable {
 public:
  // Notes the peer of `fd`, in place of whoever had that descriptor before; nothing: it is unknown.
  void Note(int fd, std::optional<PeerCredentials> peer);

  // Who is behind gRPC's `peer` name. Nothing when it is no connection noted here.
  std::optional<PeerCredentials> Find(absl::string_view peer) const;

  // Whether fewer than `limit` noted connections are open. Looks at each of them only when as many
  // have been noted, and forgets those that are closed.
  bool HasRoom(size_t limit);

 private:
  struct Connection {
    std::optional<PeerCredentials> peer;
    ino_t inode = 0;  // Of the socket: tells it from a later one with the same descriptor.
  };

  mutable std::mutex mutex_;
  std::unordered_map<int, Connection> connections_;
};

}  // namespace ccplace

#endif  // CCPLACE_SERVER_PEER_TABLE_H_
