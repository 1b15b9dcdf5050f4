#include "client/sync/cloud/cloud_layers.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "client/sync/cloud/cloud_region.h"
#include "client/sync/cloud/settings_files.h"
#include "lib/base/text.h"

namespace ccplace::sync {
namespace {

using Map = std::map<std::string, Setting>;

// Where openstacksdk looks for the key before it replaces dashes, a dash changes the meaning.
bool IsDashAllowed(const std::string& key) {
  return key != "auth-type" && key != "auth-plugin" && !absl::EndsWith(key, "endpoint-type");
}

// Keys with underscores for dashes.
absl::StatusOr<Map> WithUnderscores(const Map& map) {
  Map result;
  for (const auto& [key, setting] : map) {
    const std::string name = absl::StrReplaceAll(key, {{"-", "_"}});
    if (!IsDashAllowed(key)) {
      return Refuse(setting, key, absl::StrCat("write it as ", Printable(name)));
    }
    if (!setting.key_is_text) return Refuse(setting, key, "a key must be text: put it into quotes");
    if (!result.emplace(name, setting).second) {
      return Refuse(setting, key,
                    absl::StrCat("is there with a dash and as ", Printable(name), ": leave one"));
    }
  }
  return result;
}

// `over` on top of `base`, map by map.
absl::Status MergeInto(Setting& base, const Setting& over, const std::string& name, int depth = 0) {
  if (base.type != Setting::Type::kMap) {
    return Refuse(over, name, absl::StrCat("is a map here and none in ", Where(base)));
  }
  for (const auto& [key, value] : over.members) {
    Setting& slot = base.members[key];
    const bool is_map = value.type == Setting::Type::kMap && !slot.file.empty();
    if (!is_map) {
      slot = value;
      continue;
    }
    absl::Status merged = MergeInto(slot, value, key, depth + 1);
    if (!merged.ok()) return merged;
  }
  return absl::OkStatus();
}

// Lays one layer over those before: `auth` by its members, all else whole.
absl::Status Overlay(const Setting& layer, CloudLayers& layers) {
  const absl::StatusOr<Map> members = WithUnderscores(layer.members);
  if (!members.ok()) return members.status();
  for (const auto& [key, setting] : *members) {
    if (key != "auth") {
      layers.settings[key] = setting;
      continue;
    }
    if (setting.type != Setting::Type::kMap) return Refuse(setting, key, "must be a map");
    const absl::StatusOr<Map> auth = WithUnderscores(setting.members);
    if (!auth.ok()) return auth.status();
    for (const auto& [name, value] : *auth) layers.auth[name] = value;
  }
  return absl::OkStatus();
}

class Chooser {
 public:
  Chooser(const Environment& environment, const CloudOptions& options)
      : environment_(environment), options_(options), variables_(CloudVariables(environment)) {}

  absl::StatusOr<CloudLayers> Choose() {
    const std::string own_name = EnvironmentCloudName();
    std::string name = options_.name.empty() ? VariableOf(environment_, "OS_CLOUD") : options_.name;
    if (name.empty() && !variables_.empty()) name = own_name;
    layers_.from_environment = !variables_.empty() && name == own_name;
    absl::StatusOr<Setting> cloud = FromEnvironment();
    if (!layers_.from_environment) cloud = FromFiles(name);
    if (!cloud.ok()) return cloud.status();
    if (layers_.from_environment) layers_.name = name;
    absl::Status done = LayOver(*cloud);
    if (!done.ok()) return done;
    NoteIgnored();
    return std::move(layers_);
  }

 private:
  std::string EnvironmentCloudName() const {
    const std::string name = VariableOf(environment_, "OS_CLOUD_NAME");
    return name.empty() ? "envvars" : name;
  }

  // OS_AUTH_URL is auth_url.
  Setting FromEnvironment() const {
    Setting cloud;
    cloud.type = Setting::Type::kMap;
    std::vector<std::string> names = variables_;
    names.push_back("OS_REGION_NAME");
    for (const std::string& name : names) {
      Setting setting;
      setting.type = Setting::Type::kText;
      setting.text = VariableOf(environment_, name);
      setting.file = name;
      if (!setting.text.empty()) cloud.members[absl::AsciiStrToLower(name.substr(3))] = setting;
    }
    return cloud;
  }

  absl::StatusOr<Setting> FromFiles(const std::string& name) {
    absl::StatusOr<SettingsFile> file =
        FindSettingsFile(environment_, "clouds", "OS_CLIENT_CONFIG_FILE");
    if (!file.ok()) return file.status();
    const absl::StatusOr<SettingsFile> secure =
        FindSettingsFile(environment_, "secure", "OS_CLIENT_SECURE_FILE");
    if (!secure.ok()) return secure.status();
    if (file->path.empty() && secure->path.empty()) return NoFile(name, file->looked);
    file->settings.type = Setting::Type::kMap;
    absl::Status merged = MergeInto(file->settings, secure->settings, "secure.yaml");
    if (!merged.ok()) return merged;
    for (const std::string& path : {file->path, secure->path}) {
      if (!path.empty()) layers_.files.push_back(path);
    }
    return Pick(file->settings, name);
  }

  static absl::Status NoFile(const std::string& name, const std::vector<std::string>& looked) {
    if (name.empty()) {
      return absl::NotFoundError(
          "no cloud is named: set OS_CLOUD to one of clouds.yaml, or OS_AUTH_URL and the other "
          "OS_* variables");
    }
    return absl::NotFoundError(absl::StrCat("cloud ", Quoted(name),
                                            ": there is no clouds.yaml, .yml or .json that can be "
                                            "looked at in ",
                                            Printable(absl::StrJoin(looked, ", "), 1024),
                                            ": set OS_CLIENT_CONFIG_FILE"));
  }

  absl::StatusOr<Setting> Pick(const Setting& document, const std::string& name) {
    const std::string files = Printable(absl::StrJoin(layers_.files, ", "), 512);
    const Setting* clouds = MemberOf(document, "clouds");
    if (clouds == nullptr || clouds->type != Setting::Type::kMap) {
      return absl::InvalidArgumentError(absl::StrCat(files, ": has no map 'clouds'"));
    }
    const bool only = name.empty() && clouds->members.size() == 1;
    layers_.name = only ? clouds->members.begin()->first : name;
    const Setting* cloud = MemberOf(*clouds, layers_.name);
    if (cloud == nullptr || layers_.name.empty()) return NotAmong(*clouds, files);
    if (!cloud->key_is_text)
      return Refuse(*cloud, layers_.name, "put the cloud's name into quotes");
    if (cloud->type != Setting::Type::kMap) return Refuse(*cloud, layers_.name, "must be a map");
    if (MemberOf(*clouds, EnvironmentCloudName()) == nullptr) return *cloud;
    return Refuse(*cloud, EnvironmentCloudName(),
                  "is what the cloud of the OS_* variables is called: rename it, or set "
                  "OS_CLOUD_NAME");
  }

  absl::Status NotAmong(const Setting& clouds, const std::string& files) const {
    std::vector<std::string> names;
    for (const auto& member : clouds.members) names.push_back(Quoted(member.first));
    const std::string there = names.empty() ? "none" : absl::StrJoin(names, ", ");
    const std::string what = layers_.name.empty()
                                 ? "no cloud is named and there are several: set OS_CLOUD"
                                 : absl::StrCat("has no cloud ", Quoted(layers_.name));
    return absl::NotFoundError(absl::StrCat(files, ": ", what, "; it has ", there));
  }

  absl::Status LayOver(const Setting& cloud) {
    Setting profile;
    absl::Status done = ReadProfile(cloud, profile);
    if (done.ok()) done = Overlay(profile, layers_);
    if (done.ok()) done = Overlay(cloud, layers_);
    if (!done.ok()) return done;
    absl::StatusOr<CloudRegion> region = ChooseRegion(cloud, profile, options_.region);
    if (!region.ok()) return region.status();
    layers_.region = region->name;
    for (const char* key : {"region_name", "regions", "profile", "cloud"}) {
      layers_.settings.erase(key);
    }
    return Overlay(region->values, layers_);
  }

  // `profile`, or `cloud` as it was called once.
  absl::Status ReadProfile(const Setting& cloud, Setting& profile) {
    const Setting* named = MemberOf(cloud, "profile");
    if (named == nullptr) named = MemberOf(cloud, "cloud");
    if (named == nullptr) return absl::OkStatus();
    const absl::StatusOr<std::string> name = TextOf(*named, "profile");
    if (!name.ok()) return name.status();
    const absl::StatusOr<SettingsFile> file =
        FindSettingsFile(environment_, "clouds-public", nullptr);
    if (!file.ok()) return file.status();
    const Setting* profiles = MemberOf(file->settings, "public-clouds");
    const Setting* found = profiles == nullptr ? nullptr : MemberOf(*profiles, *name);
    if (found == nullptr || found->type != Setting::Type::kMap) {
      return Refuse(*named, "profile",
                    absl::StrCat(Quoted(*name),
                                 " is not in clouds-public.yaml: profiles that are "
                                 "built into other tools, or fetched, are not known here; write "
                                 "its settings into the cloud"));
    }
    for (const char* key : {"profile", "cloud", "region-name"}) {
      const Setting* member = MemberOf(*found, key);
      if (member != nullptr) return Refuse(*member, key, "is not understood in a profile");
    }
    layers_.files.push_back(file->path);
    profile = *found;
    return absl::OkStatus();
  }

  void NoteIgnored() {
    if (layers_.from_environment) return;
    layers_.ignored = variables_;
    const std::string region = VariableOf(environment_, "OS_REGION_NAME");
    if (!region.empty() && region != layers_.region) layers_.ignored.push_back("OS_REGION_NAME");
  }

  const Environment& environment_;
  const CloudOptions& options_;
  const std::vector<std::string> variables_;
  CloudLayers layers_;
};

}  // namespace

absl::StatusOr<CloudLayers> ReadCloudLayers(const Environment& environment,
                                            const CloudOptions& options) {
  return Chooser(environment, options).Choose();
}

}  // namespace ccplace::sync
