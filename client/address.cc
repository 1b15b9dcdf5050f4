#include "client/address.h"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <optional>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "client/client.h"
#include "lib/base/number.h"
#include "lib/base/text.h"

namespace ccplace {
namespace {

// sun_path's size less the final zero (unix(7)).
constexpr size_t kSocketPathLimit = sizeof(sockaddr_un{}.sun_path) - 1;
// Longest DNS name (RFC 1035).
constexpr size_t kHostLimit = 253;

absl::Status AddressError(absl::string_view text, absl::string_view why) {
  return absl::InvalidArgumentError(
      absl::StrCat("address ", Quoted(text), ": ", why,
                   "; write unix:/path/of/the.sock, HOST:PORT or [IPV6]:PORT"));
}

absl::StatusOr<Address> ParseUnix(absl::string_view text, absl::string_view path) {
  if (absl::StartsWith(path, "///")) path.remove_prefix(2);
  if (!absl::StartsWith(path, "/")) return AddressError(text, "the socket's path is not absolute");
  if (path.size() > kSocketPathLimit) return AddressError(text, "the path is over 107 bytes");
  if (!IsPrintable(path)) return AddressError(text, "the path has control characters");
  Address address;
  address.path = std::string(path);
  return address;
}

bool IsIpv6(const std::string& host) {
  in6_addr parsed;
  return inet_pton(AF_INET6, host.c_str(), &parsed) == 1;
}

bool IsHostName(const std::string& host) {
  if (host.empty() || host.size() > kHostLimit) return false;
  for (const char c : host) {
    if (!absl::ascii_isalnum(static_cast<unsigned char>(c)) && c != '.' && c != '-' && c != '_') {
      return false;
    }
  }
  return true;
}

bool IsLoopback(const std::string& host) {
  in_addr v4;
  if (inet_pton(AF_INET, host.c_str(), &v4) == 1) return (ntohl(v4.s_addr) >> 24) == 127;
  in6_addr v6;
  if (inet_pton(AF_INET6, host.c_str(), &v6) == 1) return IN6_IS_ADDR_LOOPBACK(&v6);
  return absl::EqualsIgnoreCase(host, "localhost");
}

absl::Status SocketError(const std::string& path, int error, absl::string_view remedy) {
  return absl::UnavailableError(
      absl::StrCat("cannot reach ", Printable(path), ": ", std::strerror(error), "; ", remedy));
}

// Of the programs that take one.
constexpr char kAddressFlags[] = "(--address of ccplacectl, --ccplaced of ccplace-sync)";

absl::Status DescribeConnectError(const std::string& path, int error) {
  switch (error) {
    case ENOENT:
      return SocketError(path, error,
                         absl::StrCat("is ccplaced running (systemctl status ccplaced), and is the "
                                      "address right ",
                                      kAddressFlags, "?"));
    case ECONNREFUSED:
      return SocketError(path, error,
                         "nobody listens there: is ccplaced running (systemctl status ccplaced)?");
    case EACCES:
    case EPERM:
      return SocketError(path, error,
                         absl::StrCat("your user may not open the socket: join the group that owns "
                                      "it (ls -l shows it), use sudo, or ask the read-only socket, "
                                      "by default ",
                                      kReadOnlyAddress));
    case EAGAIN:
      return SocketError(path, error, "ccplaced has too many callers waiting: try again");
    default:
      return SocketError(path, error,
                         absl::StrCat("check ccplaced (systemctl status ccplaced) and the address ",
                                      kAddressFlags));
  }
}

}  // namespace

std::string Address::Target() const {
  if (kind == Kind::kUnixSocket) return absl::StrCat("unix:", path);
  if (IsIpv6(host)) return absl::StrCat("ipv6:[", host, "]:", port);
  return absl::StrCat("dns:///", host, ":", port);
}

absl::StatusOr<Address> ParseAddress(absl::string_view text) {
  absl::string_view rest = text;
  if (absl::ConsumePrefix(&rest, "unix:")) return ParseUnix(text, rest);
  const size_t colon = rest.rfind(':');
  if (colon == absl::string_view::npos) return AddressError(text, "no port is stated");
  const std::optional<uint64_t> port = ParseDecimal(rest.substr(colon + 1));
  if (!port.has_value() || *port == 0 || *port > 65535) {
    return AddressError(text, "the port is no number from 1 to 65535");
  }
  absl::string_view host = rest.substr(0, colon);
  const bool brackets = absl::ConsumePrefix(&host, "[") && absl::ConsumeSuffix(&host, "]");
  Address address;
  address.kind = Address::Kind::kTcp;
  address.host = std::string(host);
  address.port = static_cast<uint16_t>(*port);
  const bool valid = brackets ? IsIpv6(address.host) : IsHostName(address.host);
  if (!valid) return AddressError(text, "the host is neither a name nor an address");
  address.loopback = IsLoopback(address.host);
  return address;
}

absl::Status ProbeUnixSocket(const std::string& path) {
  sockaddr_un name = {};
  if (path.size() > kSocketPathLimit) return DescribeConnectError(path, ENAMETOOLONG);
  name.sun_family = AF_UNIX;
  std::memcpy(name.sun_path, path.c_str(), path.size() + 1);
  const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return DescribeConnectError(path, errno);
  const int result = connect(fd, reinterpret_cast<const sockaddr*>(&name), sizeof(name));
  const int error = errno;
  close(fd);
  return result == 0 ? absl::OkStatus() : DescribeConnectError(path, error);
}

}  // namespace ccplace
