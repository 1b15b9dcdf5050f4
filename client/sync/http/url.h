// URLs, by libcurl. Thread-safe: pure functions.
#ifndef CCPLACE_CLIENT_SYNC_HTTP_URL_H_
#define CCPLACE_CLIENT_SYNC_HTTP_URL_H_

#include <optional>
#include <string>

namespace ccplace::sync {

// `text` fit for one part of a path or a query.
std::string UrlEncoded(const std::string& text);

// `text` with each %XX as the byte that it stands for.
std::string UrlDecoded(const std::string& text);

// What decides where a request goes, and whether others can read it.
struct Url {
  std::string scheme;  // Lower case.
  std::string host;
  bool has_user = false;  // There is a user or a password before the host.
  bool is_local = false;  // "localhost", or a loopback address.
};

// Nothing: it is no URL of scheme and host.
std::optional<Url> ParseUrl(const std::string& text);

// Scheme, host, port and path: what a message may quote. User, password, query and fragment, which
// may be secrets, are left out. Not yet fit for a log: see Printable.
std::string UrlForLog(const std::string& text);

}  // namespace ccplace::sync

#endif  // CCPLACE_CLIENT_SYNC_HTTP_URL_H_
