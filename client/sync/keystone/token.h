// Tokens for Placement.
#ifndef CCPLACE_CLIENT_SYNC_KEYSTONE_TOKEN_H_
#define CCPLACE_CLIENT_SYNC_KEYSTONE_TOKEN_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "client/sync/cloud/cloud_config.h"
#include "client/sync/http/http_client.h"
#include "lib/base/clock.h"

namespace ccplace::sync {

// What a request to Placement needs.
struct Access {
  std::string token;          // A secret.
  std::string endpoint;       // Placement's URL, without a slash at its end.
  bool system_scope = false;  // The token is for the system, not for a project.
};

// Gives out access, the same one until it is about to expire. For one thread at a time.
class TokenSource {
 public:
  virtual ~TokenSource() = default;

  // Access that is valid by all that is known. UNAVAILABLE: no answer from Keystone (an access that
  // still has time left is given out then). UNAUTHENTICATED: it refused the credentials.
  // FAILED_PRECONDITION: its catalog has no such Placement, several, or one that would be asked
  // without TLS where Keystone was asked with it. INVALID_ARGUMENT: it answered something
  // else.
  virtual absl::StatusOr<Access> Get() = 0;

  // The access was refused: the next Get asks again.
  virtual void Drop() = 0;
};

// For `cloud` as ReadCloud made it; `http` and `clock` must outlive it. A token is renewed a fifth
// of its life, at most a minute, before it expires, by Keystone's own two timestamps: this host's
// wall clock plays no part.
std::unique_ptr<TokenSource> MakeTokenSource(const CloudConfig& cloud, HttpClient* http,
                                             const Clock& clock);

}  // namespace ccplace::sync

#endif  // CCPLACE_CLIENT_SYNC_KEYSTONE_TOKEN_H_
