#include "client/sync/http/json_body.h"

#include "lib/base/json_read.h"

namespace ccplace::sync {

nlohmann::json ParseBody(const HttpResponse& response) {
  nlohmann::json body = nlohmann::json::parse(response.body, nullptr, false);
  return body.is_discarded() || IsDeeperThan(body, kJsonDepthLimit) ? nlohmann::json() : body;
}

}  // namespace ccplace::sync
