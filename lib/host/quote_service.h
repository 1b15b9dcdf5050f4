// Where the host's Quote Generation Service listens.
#ifndef CCPLACE_LIB_HOST_QUOTE_SERVICE_H_
#define CCPLACE_LIB_HOST_QUOTE_SERVICE_H_

#include <string>

namespace ccplace {

// Where libvirt points a trust domain that names no socket (docs/formatdomain, launchSecurity).
inline constexpr char kDefaultQuoteSocket[] = "/var/run/tdx-qgs/qgs.socket";

// The socket in force where `path` is asked for; empty: libvirt's default.
inline std::string QuoteSocketOf(const std::string& path) {
  return path.empty() ? kDefaultQuoteSocket : path;
}

}  // namespace ccplace

#endif  // CCPLACE_LIB_HOST_QUOTE_SERVICE_H_
