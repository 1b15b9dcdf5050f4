#include "client/sync/keystone/catalog.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "lib/base/json_read.h"
#include "lib/base/text.h"

namespace ccplace::sync {
namespace {

bool Fits(const nlohmann::json& endpoint, const std::string& region, const std::string& interface) {
  const std::string url = TextAt(endpoint, "url");
  if (!absl::StartsWith(url, "http://") && !absl::StartsWith(url, "https://")) return false;
  const bool right_region = region.empty() || TextAt(endpoint, "region_id") == region ||
                            TextAt(endpoint, "region") == region;
  return right_region && TextAt(endpoint, "interface") == interface;
}

}  // namespace

absl::StatusOr<std::string> PlacementInCatalog(const nlohmann::json& token,
                                               const std::string& region,
                                               const std::string& interface) {
  for (const nlohmann::json& service : ListAt(token, "catalog")) {
    if (TextAt(service, "type") != "placement") continue;
    for (const nlohmann::json& endpoint : ListAt(service, "endpoints")) {
      if (Fits(endpoint, region, interface)) return TextAt(endpoint, "url");
    }
  }
  return absl::FailedPreconditionError(
      absl::StrCat("Keystone's catalog has no ", interface, " endpoint of placement",
                   region.empty() ? "" : absl::StrCat(" in region ", Quoted(region)),
                   ": check OS_REGION_NAME and OS_INTERFACE, or say --placement_endpoint"));
}

}  // namespace ccplace::sync
