// Addresses to listen on, "IPV4:PORT" or "[IPV6]:PORT", port 0 to 65535 (0: any free one). Names
// are refused: what they resolve to is for others to decide. Thread-safe: pure functions.
#ifndef CCPLACE_LIB_BASE_SOCKET_ADDRESS_H_
#define CCPLACE_LIB_BASE_SOCKET_ADDRESS_H_

#include <netinet/in.h>
#include <sys/socket.h>

#include <optional>

#include "absl/strings/string_view.h"

namespace ccplace {

// An address and port as bind(2) takes them.
union SocketAddress {
  sockaddr_in6 v6;  // The largest: {} makes all of it 0.
  sockaddr_in v4;
  sockaddr any;
};

// What `text` says. Nothing: it is no such address.
std::optional<SocketAddress> ParseSocketAddress(absl::string_view text);

// Bytes of `address` that bind(2) is to look at.
socklen_t SizeOf(const SocketAddress& address);

bool IsIpAddressAndPort(absl::string_view text);

// Whether `text` is such an address and can be reached from this machine alone.
bool IsLoopback(absl::string_view text);

}  // namespace ccplace

#endif  // CCPLACE_LIB_BASE_SOCKET_ADDRESS_H_
