#include "lib/base/address.h"

#include <arpa/inet.h>

#include <optional>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/strip.h"
#include "lib/base/number.h"

namespace ccplace {
namespace {

struct IpAddress {
  int family = AF_INET;
  in_addr v4 = {};
  in6_addr v6 = {};
};

std::optional<IpAddress> Parse(absl::string_view text) {
  const size_t colon = text.rfind(':');
  if (colon == absl::string_view::npos) return std::nullopt;
  const auto port = ParseDecimal(text.substr(colon + 1));
  if (!port.has_value() || *port > 65535) return std::nullopt;
  absl::string_view host = text.substr(0, colon);
  IpAddress out;
  if (absl::ConsumePrefix(&host, "[") && absl::ConsumeSuffix(&host, "]")) out.family = AF_INET6;
  void* const to = out.family == AF_INET6 ? static_cast<void*>(&out.v6) : &out.v4;
  if (inet_pton(out.family, std::string(host).c_str(), to) != 1) return std::nullopt;
  return out;
}

}  // namespace

bool IsIpAddressAndPort(absl::string_view text) { return Parse(text).has_value(); }

bool IsLoopback(absl::string_view text) {
  const auto address = Parse(text);
  if (!address.has_value()) return false;
  if (address->family == AF_INET6) return IN6_IS_ADDR_LOOPBACK(&address->v6);
  return (ntohl(address->v4.s_addr) >> 24) == IN_LOOPBACKNET;
}

}  // namespace ccplace
