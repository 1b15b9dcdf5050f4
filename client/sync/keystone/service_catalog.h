// Keystone's service catalog. Thread-safe: pure functions.
#ifndef CCPLACE_CLIENT_SYNC_KEYSTONE_SERVICE_CATALOG_H_
#define CCPLACE_CLIENT_SYNC_KEYSTONE_SERVICE_CATALOG_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "nlohmann/json_fwd.hpp"

namespace ccplace::sync {

// The URL of the service of type "placement" in a token's catalog, for this region and the first of
// these interfaces ("public", "internal", "admin") that has one. FAILED_PRECONDITION: there is
// none, or no region is named (empty) and several have one; the message lists those there are.
absl::StatusOr<std::string> PlacementInCatalog(const nlohmann::json& token,
                                               const std::string& region,
                                               const std::vector<std::string>& interfaces);

}  // namespace ccplace::sync

#endif  // CCPLACE_CLIENT_SYNC_KEYSTONE_SERVICE_CATALOG_H_
