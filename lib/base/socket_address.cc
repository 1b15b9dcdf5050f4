#include "lib/base/socket_address.h"

#include <arpa/inet.h>

#include <string>

#include "absl/strings/match.h"
#include "absl/strings/strip.h"
#include "lib/base/number.h"

namespace ccplace {

std::optional<SocketAddress> ParseSocketAddress(absl::string_view text) {
  const size_t colon = text.rfind(':');
  if (colon == absl::string_view::npos) return std::nullopt;
  const auto port = ParseDecimal(text.substr(colon + 1));
  if (!port.has_value() || *port > 65535) return std::nullopt;
  absl::string_view host = text.substr(0, colon);
  const bool v6 = absl::ConsumePrefix(&host, "[") && absl::ConsumeSuffix(&host, "]");
  SocketAddress out = {};
  if (v6) {
    out.v6.sin6_family = AF_INET6;
    out.v6.sin6_port = htons(static_cast<uint16_t>(*port));
  } else {
    out.v4.sin_family = AF_INET;
    out.v4.sin_port = htons(static_cast<uint16_t>(*port));
  }
  void* const to = v6 ? static_cast<void*>(&out.v6.sin6_addr) : &out.v4.sin_addr;
  if (inet_pton(out.any.sa_family, std::string(host).c_str(), to) != 1) return std::nullopt;
  return out;
}

socklen_t SizeOf(const SocketAddress& address) {
  return address.any.sa_family == AF_INET6 ? sizeof(address.v6) : sizeof(address.v4);
}

bool IsIpAddressAndPort(absl::string_view text) { return ParseSocketAddress(text).has_value(); }

bool IsLoopback(absl::string_view text) {
  const auto address = ParseSocketAddress(text);
  if (!address.has_value()) return false;
  if (address->any.sa_family == AF_INET6) return IN6_IS_ADDR_LOOPBACK(&address->v6.sin6_addr);
  return (ntohl(address->v4.sin_addr.s_addr) >> 24) == IN_LOOPBACKNET;
}

}  // namespace ccplace
