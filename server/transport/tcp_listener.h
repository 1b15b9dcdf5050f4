// A TCP socket that is listened on.
#ifndef CCPLACE_SERVER_TRANSPORT_TCP_LISTENER_H_
#define CCPLACE_SERVER_TRANSPORT_TCP_LISTENER_H_

#include <sys/socket.h>

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "server/transport/listener.h"

namespace ccplace {

// Not thread-safe.
class TcpListener final : public Listener {
 public:
  // Listens on `address`, which passed IsIpAddressAndPort. ALREADY_EXISTS: it is in use, here or by
  // another. UNAVAILABLE: the system's text.
  static absl::StatusOr<std::unique_ptr<TcpListener>> Open(const std::string& address);

  // The port that was bound; the system's choice when port 0 was asked for.
  int port() const { return port_; }

 private:
  TcpListener(int fd, int port) : Listener(fd), port_(port) {}

  const int port_;
};

// The peer of `fd`, a connected TCP socket: "10.0.0.7:41234", "[fe80::1]:41234".
// "unknown" when the connection is gone.
std::string TcpPeerName(int fd);

// The caller that a TCP connection counts for, as in QuotaKey: its IPv4 address, or its /64 network
// of IPv6, as one machine may use every address of it. Empty for loopback, which all users of this
// machine share, and for what is no TCP address.
std::string TcpCaller(const sockaddr_storage& peer);
std::string TcpCaller(int fd);

}  // namespace ccplace

#endif  // CCPLACE_SERVER_TRANSPORT_TCP_LISTENER_H_
