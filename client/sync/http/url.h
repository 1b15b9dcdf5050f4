// Percent-encoding, by libcurl. Thread-safe.
#ifndef CCPLACE_CLIENT_SYNC_HTTP_URL_H_
#define CCPLACE_CLIENT_SYNC_HTTP_URL_H_

#include <string>

namespace ccplace::sync {

// `text` fit for one part of a path or a query.
std::string UrlEncoded(const std::string& text);

}  // namespace ccplace::sync

#endif  // CCPLACE_CLIENT_SYNC_HTTP_URL_H_
