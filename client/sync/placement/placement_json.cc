#include "client/sync/placement/placement_json.h"

#include <algorithm>
#include <optional>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "client/sync/http/json_body.h"
#include "lib/base/json_read.h"
#include "lib/base/status.h"
#include "lib/base/text.h"

namespace ccplace::sync {
namespace {

constexpr char kGeneration[] = "resource_provider_generation";

absl::StatusCode CodeOf(int status) {
  if (status >= 500 || status == 429 || status == 408) return absl::StatusCode::kUnavailable;
  switch (status) {
    case 400:
      return absl::StatusCode::kInvalidArgument;
    case 401:
      return absl::StatusCode::kUnauthenticated;
    case 403:
      return absl::StatusCode::kPermissionDenied;
    case 404:
      return absl::StatusCode::kNotFound;
    case 406:
      return absl::StatusCode::kUnimplemented;
    case 409:
      return absl::StatusCode::kAborted;
    default:
      return absl::StatusCode::kUnknown;
  }
}

// What to do about a refusal that says nothing of it.
absl::string_view RemedyFor(int status) {
  switch (status) {
    case 401:
      return "; correct the credentials in clouds.yaml or the OS_* variables";
    case 403:
      return "; give the user the role service (Placement 16 and later) or admin in its project";
    default:
      return "";
  }
}

// Placement says what is wrong in errors[0].
const nlohmann::json& FirstError(const nlohmann::json& body) {
  static const nlohmann::json none;
  const nlohmann::json& errors = ListAt(body, "errors");
  return errors.empty() ? none : errors.front();
}

std::optional<ProviderRow> ReadProvider(const nlohmann::json& item) {
  const std::optional<uint64_t> generation = NumberAt(item, "generation");
  const nlohmann::json& parent = MemberAt(item, "parent_provider_uuid");
  ProviderRow row{TextAt(item, "uuid"), TextAt(item, "name"), TextAt(item, "parent_provider_uuid"),
                  TextAt(item, "root_provider_uuid"), generation.value_or(0)};
  const bool whole = generation.has_value() && !row.uuid.empty() && !row.name.empty() &&
                     !row.root_uuid.empty() && (parent.is_null() || !row.parent_uuid.empty());
  return whole ? std::make_optional(std::move(row)) : std::nullopt;
}

// Whether an inventory of keys differs from ours in nothing but its figures.
bool HasUsualUnits(const nlohmann::json& inventory, const KeyFigures& keys) {
  const nlohmann::json usual = InventoryJson(keys);
  return std::all_of(usual.items().begin(), usual.items().end(), [&](const auto& item) {
    return MemberAt(inventory, item.key().c_str()) == item.value();
  });
}

}  // namespace

absl::Status Refusal(const std::string& method, const std::string& path,
                     const HttpResponse& answer) {
  const nlohmann::json body = ParseBody(answer);
  const nlohmann::json& error = FirstError(body);
  const std::string code = TextAt(error, "code");
  std::string detail = TextAt(error, "detail");
  absl::RemoveExtraAsciiWhitespace(&detail);  // Placement breaks its lines.
  const absl::Status status(
      CodeOf(answer.status),
      absl::StrCat("Placement: ", method, " ", Printable(path), " answered ", answer.status,
                   code.empty() ? "" : absl::StrCat(" ", Printable(code)), ": ",
                   detail.empty() ? DescribeBody(answer) : Printable(detail, 3 * kQuotedTextLimit),
                   RemedyFor(answer.status)));
  return code.empty() ? status : WithReason(status, code);
}

bool IsPlacements(const HttpResponse& answer) { return FirstError(ParseBody(answer)).is_object(); }

absl::Status NotAsDocumented(absl::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat("Placement: its answer has no ", what));
}

absl::StatusOr<std::vector<ProviderRow>> ReadProviders(const nlohmann::json& body) {
  if (!MemberAt(body, "resource_providers").is_array()) {
    return NotAsDocumented("resource_providers");
  }
  std::vector<ProviderRow> rows;
  for (const nlohmann::json& item : ListAt(body, "resource_providers")) {
    const std::optional<ProviderRow> row = ReadProvider(item);
    if (!row.has_value()) return NotAsDocumented("uuid, name, parent, root and generation of each");
    rows.push_back(*row);
  }
  return rows;
}

absl::StatusOr<InventoriesRow> ReadInventories(const nlohmann::json& body,
                                               absl::string_view resource_class) {
  const std::optional<uint64_t> generation = NumberAt(body, kGeneration);
  const nlohmann::json& inventories = MemberAt(body, "inventories");
  if (!generation.has_value() || !inventories.is_object()) return NotAsDocumented("inventories");
  InventoriesRow row;
  row.generation = *generation;
  const bool has_ours = inventories.contains(resource_class);
  row.other_inventories = inventories.size() > (has_ours ? 1u : 0u);
  if (!has_ours) return row;
  const nlohmann::json& ours = inventories[std::string(resource_class)];
  const std::optional<uint64_t> total = NumberAt(ours, "total");
  const std::optional<uint64_t> reserved = NumberAt(ours, "reserved");
  if (!total.has_value() || !reserved.has_value() || *reserved > *total) {
    return NotAsDocumented("total, and reserved within it");
  }
  row.keys = KeyFigures{*total, *reserved};
  row.usual_units = HasUsualUnits(ours, *row.keys);
  return row;
}

absl::StatusOr<TraitsRow> ReadTraits(const nlohmann::json& body) {
  const std::optional<uint64_t> generation = NumberAt(body, kGeneration);
  const nlohmann::json& traits = MemberAt(body, "traits");
  if (!generation.has_value() || !traits.is_array()) return NotAsDocumented("traits");
  TraitsRow row;
  row.generation = *generation;
  for (const nlohmann::json& trait : traits) {
    if (!trait.is_string()) return NotAsDocumented("traits that are text");
    row.traits.push_back(trait.get<std::string>());
  }
  std::sort(row.traits.begin(), row.traits.end());
  return row;
}

absl::StatusOr<UsagesRow> ReadUsages(const nlohmann::json& body, absl::string_view resource_class) {
  const std::optional<uint64_t> generation = NumberAt(body, kGeneration);
  const nlohmann::json& usages = MemberAt(body, "usages");
  if (!generation.has_value() || !usages.is_object()) return NotAsDocumented("usages");
  if (!usages.contains(resource_class)) return UsagesRow{*generation, 0};
  const auto allocated = NumberAt(usages, std::string(resource_class).c_str());
  if (!allocated.has_value()) return NotAsDocumented("usage in figures");
  return UsagesRow{*generation, *allocated};
}

absl::StatusOr<std::vector<std::string>> ReadConsumers(const nlohmann::json& body) {
  const nlohmann::json& allocations = MemberAt(body, "allocations");
  if (!allocations.is_object()) return NotAsDocumented("allocations");
  std::vector<std::string> consumers;
  for (const auto& item : allocations.items()) consumers.push_back(item.key());
  std::sort(consumers.begin(), consumers.end());
  return consumers;
}

}  // namespace ccplace::sync
