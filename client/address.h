// Where a ccplaced listens, as an operator writes it.
#ifndef CCPLACE_CLIENT_ADDRESS_H_
#define CCPLACE_CLIENT_ADDRESS_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace ccplace {

// A parsed address. A plain value.
struct Address {
  enum class Kind { kUnixSocket, kTcp };
  Kind kind = Kind::kUnixSocket;
  std::string path;      // kUnixSocket: absolute path of the socket.
  std::string host;      // kTcp: name or address, without brackets.
  uint16_t port = 0;     // kTcp: 1 to 65535.
  bool loopback = true;  // Never leaves this machine: a unix socket, 127.0.0.0/8, ::1, localhost.

  // As gRPC takes it.
  std::string Target() const;
};

// Reads "unix:/path" ("unix:///path" too), "host:port" or "[ipv6]:port". INVALID_ARGUMENT, with
// the forms that are allowed, for anything else, and for a path over the kernel's 107 bytes.
// Thread-safe.
absl::StatusOr<Address> ParseAddress(absl::string_view text);

// Tries to connect to a unix socket, to find out why a channel over it fails: OK when it
// takes the connection (closed at once), else UNAVAILABLE with the system's text and the remedy.
// Never waits. Thread-safe.
[[nodiscard]] absl::Status ProbeUnixSocket(const std::string& path);

}  // namespace ccplace

#endif  // CCPLACE_CLIENT_ADDRESS_H_
