// Placement's answers, read. Thread-safe: pure functions.
#ifndef CCPLACE_CLIENT_SYNC_PLACEMENT_PLACEMENT_JSON_H_
#define CCPLACE_CLIENT_SYNC_PLACEMENT_PLACEMENT_JSON_H_

#include <optional>
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

// Whether a refusal comes from Placement, not from another server at that URL.
bool IsPlacements(const HttpResponse& answer);

// INVALID_ARGUMENT: an answer without `what`.
[[nodiscard]] absl::Status NotAsDocumented(absl::string_view what);

// Bodies of the GET requests; INVALID_ARGUMENT when they are not as documented.
absl::StatusOr<std::vector<ProviderRow>> ReadProviders(const nlohmann::json& body);
absl::StatusOr<InventoriesRow> ReadInventories(const nlohmann::json& body,
                                               absl::string_view resource_class);
absl::StatusOr<TraitsRow> ReadTraits(const nlohmann::json& body);
absl::StatusOr<UsagesRow> ReadUsages(const nlohmann::json& body, absl::string_view resource_class);
absl::StatusOr<std::vector<std::string>> ReadConsumers(const nlohmann::json& body);

// The reason (ReasonOf) of an answer about other providers than were asked for.
inline constexpr absl::string_view kNotAskedFor = "NOT_ASKED_FOR";

// The row of that name or UUID; nothing: there is no row. FAILED_PRECONDITION with kNotAskedFor:
// there are rows, and none is it.
absl::StatusOr<std::optional<ProviderRow>> PickByName(const std::vector<ProviderRow>& rows,
                                                      absl::string_view name);
absl::StatusOr<std::optional<ProviderRow>> PickByUuid(const std::vector<ProviderRow>& rows,
                                                      absl::string_view uuid);

// Whether `rows` are one tree below `root_uuid`: the root is among them, and from each row parents
// lead to it. FAILED_PRECONDITION with kNotAskedFor: they are not.
[[nodiscard]] absl::Status CheckIsTree(const std::vector<ProviderRow>& rows,
                                       absl::string_view root_uuid);

}  // namespace ccplace::sync

#endif  // CCPLACE_CLIENT_SYNC_PLACEMENT_PLACEMENT_JSON_H_
