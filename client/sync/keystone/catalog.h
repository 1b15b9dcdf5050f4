// Keystone's service catalog. Thread-safe: pure functions.
#ifndef CCPLACE_CLIENT_SYNC_KEYSTONE_CATALOG_H_
#define CCPLACE_CLIENT_SYNC_KEYSTONE_CATALOG_H_

#include <string>

#include "absl/status/statusor.h"
#include "nlohmann/json_fwd.hpp"

namespace ccplace::sync {

// The URL of the service of type "placement" in a token's catalog, for this region (empty: the
// first) and interface ("public", "internal", "admin"). FAILED_PRECONDITION when there is none,
// with the settings to check.
absl::StatusOr<std::string> PlacementInCatalog(const nlohmann::json& token,
                                               const std::string& region,
                                               const std::string& interface);

}  // namespace ccplace::sync

#endif  // CCPLACE_CLIENT_SYNC_KEYSTONE_CATALOG_H_
