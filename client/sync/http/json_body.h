// Bodies of HTTP responses as JSON. Thread-safe: pure functions.
#ifndef CCPLACE_CLIENT_SYNC_HTTP_JSON_BODY_H_
#define CCPLACE_CLIENT_SYNC_HTTP_JSON_BODY_H_

#include <string>

#include "client/sync/http/http_client.h"
#include "nlohmann/json.hpp"

namespace ccplace::sync {

// The body as JSON; null when it is something else (Keystone's middleware answers plain text, a
// fallen-over server HTML), or nested deeper than kJsonDepthLimit.
nlohmann::json ParseBody(const HttpResponse& response);

// A body that is not the service's JSON, for a message: the text, or what it is where it is a web
// page, as a proxy or another server answers.
std::string DescribeBody(const HttpResponse& response);

// Where a 3xx points to, for a message.
std::string DescribeRedirect(const HttpResponse& response);

}  // namespace ccplace::sync

#endif  // CCPLACE_CLIENT_SYNC_HTTP_JSON_BODY_H_
