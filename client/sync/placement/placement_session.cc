#include "client/sync/placement/placement_session.h"

#include <utility>

#include "client/sync/http/database_lock_retry.h"

namespace ccplace::sync {

absl::StatusOr<std::unique_ptr<PlacementSession>> PlacementSession::Open(const CloudConfig& cloud,
                                                                         HttpOptions http) {
  http.tls = cloud.tls;
  absl::StatusOr<std::unique_ptr<HttpClient>> client = MakeCurlClient(http);
  if (!client.ok()) return client.status();
  auto session = std::make_unique<PlacementSession>();
  session->http_ = RetryDatabaseLocks(*std::move(client), http.stop);
  session->tokens_ = MakeTokenSource(cloud, session->http_.get(), Clock::System());
  session->rest_ = std::make_unique<PlacementRest>(session->http_.get(), session->tokens_.get());
  return session;
}

}  // namespace ccplace::sync
