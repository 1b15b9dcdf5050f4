// Placement's answers, read. Thread-safe: pure functions.
#ifndef CCPLACE_CLIENT_SYNC_PLACEMENT_PLACEMENT_JSON_H_
#define CCPLACE_CLIENT_SYNC_PLACEMENT_PLACEMENT_JSON_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "client/sync/placement/placement_rest.h"
#include "nlohmann/json.hpp"

namespace ccplace::sync {

// The Status of an answer of 300 or above, as PlacementRest states its codes. Placement's own error
// code ("placement.concurrent_update") is its reason (ReasonOf).
[[nodiscard]] absl::Status Refusal(const std::string& method, const std::string& path,
                                   const HttpResponse& answer);

// Whether a refusal speaks as Placement does, and not as whatever else stands at a URL.
bool IsPlacements(const HttpResponse& answer);

// INVALID_ARGUMENT: an answer without `what`.
[[nodiscard]] absl::Status NotAsDocumented(absl::string_view what);

// Bodies of the GET requests; INVALID_ARGUMENT when they are not as documented.
absl::StatusOr<std::vector<ProviderRow>> ReadProviders(const nlohmann::json& body);
absl::StatusOr<InventoriesRow> ReadInventories(const nlohmann::json& body);
absl::StatusOr<TraitsRow> ReadTraits(const nlohmann::json& body);
absl::StatusOr<UsagesRow> ReadUsages(const nlohmann::json& body);

}  // namespace ccplace::sync

#endif  // CCPLACE_CLIENT_SYNC_PLACEMENT_PLACEMENT_JSON_H_
