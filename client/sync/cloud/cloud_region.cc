#include "client/sync/cloud/cloud_region.h"

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "lib/base/text.h"

namespace ccplace::sync {
namespace {

using Regions = std::vector<CloudRegion>;

absl::StatusOr<CloudRegion> ReadEntry(const Setting& entry) {
  if (entry.type != Setting::Type::kMap) {
    absl::StatusOr<std::string> name = TextOf(entry, "regions");
    if (!name.ok()) return name.status();
    return CloudRegion{*std::move(name), Setting()};
  }
  const Setting* name = MemberOf(entry, "name");
  const Setting* values = MemberOf(entry, "values");
  const size_t known = (name != nullptr ? 1 : 0) + (values != nullptr ? 1 : 0);
  if (name == nullptr || entry.members.size() != known) {
    return Refuse(entry, "regions", "each must be a name, or a map of name and values");
  }
  CloudRegion region;
  absl::StatusOr<std::string> text = TextOf(*name, "regions.name");
  if (!text.ok()) return text.status();
  region.name = *std::move(text);
  if (values == nullptr) return region;
  if (values->type != Setting::Type::kMap) return Refuse(*values, "values", "must be a map");
  for (const char* key : {"region_name", "region-name", "regions", "profile", "cloud"}) {
    const Setting* member = MemberOf(*values, key);
    if (member != nullptr) return Refuse(*member, key, "is not understood in a region's values");
  }
  region.values = *values;
  return region;
}

absl::StatusOr<Regions> ReadList(const Setting& list, const char* name) {
  if (list.type != Setting::Type::kList || list.items.empty()) {
    return Refuse(list, name, "must be a list of regions");
  }
  Regions regions;
  for (const Setting& item : list.items) {
    absl::StatusOr<CloudRegion> region = ReadEntry(item);
    if (!region.ok()) return region.status();
    regions.push_back(*std::move(region));
  }
  return regions;
}

// `region_name`: one, a list, or several with commas between them.
absl::StatusOr<Regions> ReadNames(const Setting& setting) {
  if (setting.type == Setting::Type::kList) return ReadList(setting, "region_name");
  if (setting.type == Setting::Type::kNull) {
    return Refuse(setting, "region_name", "has no value: name a region, or take it away");
  }
  const absl::StatusOr<std::string> text = TextOf(setting, "region_name");
  if (!text.ok()) return text.status();
  Regions regions;
  for (const std::string& name : std::vector<std::string>(absl::StrSplit(*text, ','))) {
    regions.push_back({name, Setting()});
  }
  return regions;
}

// Nothing: none is said.
absl::StatusOr<Regions> RegionsOf(const Setting& layer, bool is_profile) {
  const Setting* regions = MemberOf(layer, "regions");
  if (regions != nullptr) return ReadList(*regions, "regions");
  const Setting* name = MemberOf(layer, "region_name");
  const Setting* dashed = MemberOf(layer, "region-name");
  if (name == nullptr) name = dashed;
  if (name == nullptr) return Regions();
  absl::StatusOr<Regions> named = ReadNames(*name);
  if (named.ok() && is_profile && named->size() > 1) {
    return Refuse(*name, "region_name", "must be one region in a profile: use `regions`");
  }
  return named;
}

absl::Status NotAmong(const std::string& wanted, const Regions& regions) {
  std::vector<std::string> names;
  for (const CloudRegion& region : regions) names.push_back(Quoted(region.name));
  return absl::InvalidArgumentError(absl::StrCat(
      "region ", Quoted(wanted), " is none of the cloud's: ", absl::StrJoin(names, ", ")));
}

}  // namespace

absl::StatusOr<CloudRegion> ChooseRegion(const Setting& cloud, const Setting& profile,
                                         const std::string& wanted) {
  absl::StatusOr<Regions> regions = RegionsOf(cloud, false);
  if (regions.ok() && regions->empty()) regions = RegionsOf(profile, true);
  if (!regions.ok()) return regions.status();
  if (regions->empty()) return CloudRegion{wanted, Setting()};
  if (wanted.empty()) return regions->front();
  for (const CloudRegion& region : *regions) {
    if (region.name == wanted) return region;
  }
  return NotAmong(wanted, *regions);
}

}  // namespace ccplace::sync
