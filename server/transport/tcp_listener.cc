#include "server/transport/tcp_listener.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <optional>

#include "absl/cleanup/cleanup.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "lib/base/socket_address.h"
#include "lib/base/text.h"

namespace ccplace {
namespace {

constexpr int kBacklog = 1024;

bool SetOption(int fd, int level, int name, int value) {
  return setsockopt(fd, level, name, &value, sizeof(value)) == 0;
}

// Connections inherit TCP_NODELAY (tcp(7)); [::] takes IPv4 too, independent of the system's
// default.
bool Listen(int fd, const SocketAddress& address) {
  if (!SetOption(fd, SOL_SOCKET, SO_REUSEADDR, 1) || !SetOption(fd, IPPROTO_TCP, TCP_NODELAY, 1)) {
    return false;
  }
  if (address.any.sa_family == AF_INET6 && !SetOption(fd, IPPROTO_IPV6, IPV6_V6ONLY, 0))
    return false;
  return bind(fd, &address.any, SizeOf(address)) == 0 && listen(fd, kBacklog) == 0;
}

int BoundPort(int fd) {
  sockaddr_storage bound = {};
  socklen_t size = sizeof(bound);
  if (getsockname(fd, reinterpret_cast<sockaddr*>(&bound), &size) != 0) return 0;
  return ntohs(bound.ss_family == AF_INET6 ? reinterpret_cast<sockaddr_in6*>(&bound)->sin6_port
                                           : reinterpret_cast<sockaddr_in*>(&bound)->sin_port);
}

// The IPv4 address inside of an IPv6 one that a socket on [::] shows ("::ffff:10.0.0.7", RFC 4291).
std::optional<in_addr> MappedAddress(const in6_addr& address) {
  if (!IN6_IS_ADDR_V4MAPPED(&address)) return std::nullopt;
  in_addr mapped = {};
  std::memcpy(&mapped, &address.s6_addr[12], sizeof(mapped));
  return mapped;
}

std::string CallerAt(in_addr address) {
  if (ntohl(address.s_addr) >> 24 == IN_LOOPBACKNET) return "";
  std::array<char, INET_ADDRSTRLEN> text = {};
  inet_ntop(AF_INET, &address, text.data(), text.size());
  return absl::StrCat("address ", text.data());
}

std::string CallerAt(in6_addr address) {
  if (IN6_IS_ADDR_LOOPBACK(&address)) return "";
  if (const auto mapped = MappedAddress(address)) return CallerAt(*mapped);
  std::memset(&address.s6_addr[8], 0, 8);
  std::array<char, INET6_ADDRSTRLEN> text = {};
  inet_ntop(AF_INET6, &address, text.data(), text.size());
  return absl::StrCat("network ", text.data(), "/64");
}

absl::Status Refused(const std::string& address, int error) {
  const absl::StatusCode code =
      error == EADDRINUSE ? absl::StatusCode::kAlreadyExists : absl::StatusCode::kUnavailable;
  return absl::Status(
      code, absl::StrCat(Quoted(address), " cannot be listened on (", std::strerror(error),
                         "); stop the program that listens there, or give another address"));
}

}  // namespace

absl::StatusOr<std::unique_ptr<TcpListener>> TcpListener::Open(const std::string& address) {
  const auto parsed = ParseSocketAddress(address);
  if (!parsed.has_value()) return Refused(address, EADDRNOTAVAIL);
  const int fd = socket(parsed->any.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return Refused(address, errno);
  auto closer = absl::MakeCleanup([fd] { close(fd); });
  if (!Listen(fd, *parsed)) return Refused(address, errno);
  std::move(closer).Cancel();
  return std::unique_ptr<TcpListener>(new TcpListener(fd, BoundPort(fd)));
}

std::string TcpPeerName(int fd) {
  sockaddr_storage peer = {};
  socklen_t size = sizeof(peer);
  std::array<char, NI_MAXHOST> host = {};
  std::array<char, NI_MAXSERV> port = {};
  if (getpeername(fd, reinterpret_cast<sockaddr*>(&peer), &size) != 0 ||
      getnameinfo(reinterpret_cast<sockaddr*>(&peer), size, host.data(), host.size(), port.data(),
                  port.size(), NI_NUMERICHOST | NI_NUMERICSERV) != 0) {
    return "unknown";
  }
  const bool v6 = peer.ss_family == AF_INET6;
  return absl::StrCat(v6 ? "[" : "", host.data(), v6 ? "]" : "", ":", port.data());
}

std::string TcpCaller(const sockaddr_storage& peer) {
  if (peer.ss_family == AF_INET) {
    return CallerAt(reinterpret_cast<const sockaddr_in*>(&peer)->sin_addr);
  }
  if (peer.ss_family != AF_INET6) return "";
  return CallerAt(reinterpret_cast<const sockaddr_in6*>(&peer)->sin6_addr);
}

std::string TcpCaller(int fd) {
  sockaddr_storage peer = {};
  socklen_t size = sizeof(peer);
  return getpeername(fd, reinterpret_cast<sockaddr*>(&peer), &size) == 0 ? TcpCaller(peer) : "";
}

}  // namespace ccplace
