#include "client/sync/keystone/service_catalog.h"

#include <set>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "lib/base/json_read.h"
#include "lib/base/text.h"

namespace ccplace::sync {
namespace {

struct Endpoint {
  std::string region;
  std::string interface;
  std::string url;
};

// Endpoints of Placement, in the catalog's order.
std::vector<Endpoint> EndpointsOf(const nlohmann::json& token) {
  std::vector<Endpoint> endpoints;
  for (const nlohmann::json& service : ListAt(token, "catalog")) {
    if (TextAt(service, "type") != "placement") continue;
    for (const nlohmann::json& item : ListAt(service, "endpoints")) {
      Endpoint endpoint{TextAt(item, "region_id"), TextAt(item, "interface"), TextAt(item, "url")};
      if (endpoint.region.empty()) endpoint.region = TextAt(item, "region");
      const bool is_http =
          absl::StartsWith(endpoint.url, "http://") || absl::StartsWith(endpoint.url, "https://");
      if (is_http) endpoints.push_back(std::move(endpoint));
    }
  }
  return endpoints;
}

// "public in 'RegionOne', internal in 'RegionOne'"
std::string Listed(const std::vector<Endpoint>& endpoints) {
  std::set<std::string> parts;
  for (const Endpoint& endpoint : endpoints) {
    parts.insert(absl::StrCat(Printable(endpoint.interface), " in ", Quoted(endpoint.region)));
  }
  return parts.empty() ? "none at all" : Printable(absl::StrJoin(parts, ", "), 1024);
}

absl::Status None(const std::vector<Endpoint>& endpoints, const std::string& region,
                  const std::vector<std::string>& interfaces) {
  return absl::FailedPreconditionError(absl::StrCat(
      "Keystone's catalog has no ", absl::StrJoin(interfaces, " or "), " endpoint of placement",
      region.empty() ? "" : absl::StrCat(" in region ", Quoted(region)), "; it has ",
      Listed(endpoints),
      ": check region_name (OS_REGION_NAME) and interface (OS_INTERFACE), or say "
      "--placement_endpoint"));
}

absl::Status Several(const std::set<std::string>& regions) {
  std::vector<std::string> names;
  for (const std::string& region : regions) names.push_back(Quoted(region));
  return absl::FailedPreconditionError(
      absl::StrCat("Keystone's catalog has Placement in several regions, ",
                   Printable(absl::StrJoin(names, ", "), 1024),
                   ", and none is named: set region_name in clouds.yaml, OS_REGION_NAME, or "
                   "--os_region_name"));
}

}  // namespace

absl::StatusOr<std::string> PlacementInCatalog(const nlohmann::json& token,
                                               const std::string& region,
                                               const std::vector<std::string>& interfaces) {
  const std::vector<Endpoint> endpoints = EndpointsOf(token);
  std::set<std::string> regions;
  std::vector<std::string> urls;
  for (const std::string& interface : interfaces) {
    for (const Endpoint& endpoint : endpoints) {
      const bool fits = region.empty() || endpoint.region == region;
      if (endpoint.interface != interface || !fits) continue;
      regions.insert(endpoint.region);
      urls.push_back(endpoint.url);
    }
  }
  if (regions.size() > 1) return Several(regions);
  if (urls.empty()) return None(endpoints, region, interfaces);
  return urls.front();
}

}  // namespace ccplace::sync
