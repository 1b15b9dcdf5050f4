// Everything between this process and one Placement.
#ifndef CCPLACE_CLIENT_SYNC_PLACEMENT_PLACEMENT_SESSION_H_
#define CCPLACE_CLIENT_SYNC_PLACEMENT_PLACEMENT_SESSION_H_

#include <memory>

#include "absl/status/statusor.h"
#include "client/sync/cloud/cloud_config.h"
#include "client/sync/http/http_client.h"
#include "client/sync/keystone/token.h"
#include "client/sync/placement/placement_rest.h"

namespace ccplace::sync {

// Owns the connection, the tokens and the session. For one thread at a time.
class PlacementSession {
 public:
  // Connects to nothing yet. `http`: its TLS files are taken from the cloud. INTERNAL: libcurl.
  static absl::StatusOr<std::unique_ptr<PlacementSession>> Open(const CloudConfig& cloud,
                                                                HttpOptions http = {});

  PlacementRest& rest() { return *rest_; }

 private:
  std::unique_ptr<HttpClient> http_;
  std::unique_ptr<TokenSource> tokens_;
  std::unique_ptr<PlacementRest> rest_;
};

}  // namespace ccplace::sync

#endif  // CCPLACE_CLIENT_SYNC_PLACEMENT_PLACEMENT_SESSION_H_
