// Bodies of HTTP responses as JSON. Thread-safe: pure functions.
#ifndef CCPLACE_CLIENT_SYNC_HTTP_JSON_BODY_H_
#define CCPLACE_CLIENT_SYNC_HTTP_JSON_BODY_H_

#include "client/sync/http/http_client.h"
#include "nlohmann/json.hpp"

namespace ccplace::sync {

// The body as JSON; null when it is something else (Keystone's middleware answers plain text, a
// fallen-over server HTML), or nested deeper than kJsonDepthLimit.
nlohmann::json ParseBody(const HttpResponse& response);

}  // namespace ccplace::sync

#endif  // CCPLACE_CLIENT_SYNC_HTTP_JSON_BODY_H_
