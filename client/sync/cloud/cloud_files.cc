#include <fstream>
#include <iterator>
#include <optional>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "client/sync/cloud/cloud_config.h"
#include "lib/base/text.h"
#include "yaml-cpp/yaml.h"

namespace ccplace::sync {
namespace {

// Every variable that a setting is read from.
constexpr const char* kVariables[] = {"OS_AUTH_TYPE",
                                      "OS_AUTH_URL",
                                      "OS_USERNAME",
                                      "OS_USER_ID",
                                      "OS_PASSWORD",
                                      "OS_USER_DOMAIN_ID",
                                      "OS_USER_DOMAIN_NAME",
                                      "OS_DEFAULT_DOMAIN_ID",
                                      "OS_DEFAULT_DOMAIN_NAME",
                                      "OS_PROJECT_ID",
                                      "OS_PROJECT_NAME",
                                      "OS_TENANT_ID",
                                      "OS_TENANT_NAME",
                                      "OS_PROJECT_DOMAIN_ID",
                                      "OS_PROJECT_DOMAIN_NAME",
                                      "OS_SYSTEM_SCOPE",
                                      "OS_APPLICATION_CREDENTIAL_ID",
                                      "OS_APPLICATION_CREDENTIAL_NAME",
                                      "OS_APPLICATION_CREDENTIAL_SECRET",
                                      "OS_ENDPOINT",
                                      "OS_PLACEMENT_ENDPOINT_OVERRIDE",
                                      "OS_REGION_NAME",
                                      "OS_INTERFACE",
                                      "OS_ENDPOINT_TYPE",
                                      "OS_CACERT",
                                      "OS_CERT",
                                      "OS_KEY",
                                      "OS_INSECURE"};

CloudSettings SettingsFromEnvironment(const Environment& environment) {
  CloudSettings settings;
  for (const std::string variable : kVariables) {
    std::string value = environment(variable);
    if (!value.empty()) settings[absl::AsciiStrToLower(variable.substr(3))] = std::move(value);
  }
  return settings;
}

// Copies the scalars of a map; those of `auth` as if they stood beside it.
void Flatten(const YAML::Node& cloud, CloudSettings& settings) {
  for (const auto& entry : cloud) {
    const std::string key = entry.first.as<std::string>();
    if (entry.second.IsScalar()) settings[key] = entry.second.as<std::string>();
    if (key == "auth" && entry.second.IsMap()) Flatten(entry.second, settings);
  }
}

std::string NamesOf(const YAML::Node& clouds) {
  std::string names;
  for (const auto& entry : clouds) {
    absl::StrAppend(&names, names.empty() ? "" : ", ", Quoted(entry.first.as<std::string>()));
  }
  return names.empty() ? "none" : names;
}

// The map called `name` in a map; an undefined node when there is none.
YAML::Node MapAt(const YAML::Node& map, const std::string& name) {
  if (!map.IsDefined() || !map.IsMap()) return YAML::Node(YAML::NodeType::Undefined);
  const YAML::Node found = map[name];
  const bool is_map = found.IsDefined() && found.IsMap();
  return is_map ? found : YAML::Node(YAML::NodeType::Undefined);
}

absl::StatusOr<CloudSettings> ReadYaml(const std::string& clouds_yaml,
                                       const std::string& secure_yaml, const std::string& name) {
  const YAML::Node clouds = MapAt(YAML::Load(clouds_yaml), "clouds");
  if (!clouds.IsDefined()) return absl::InvalidArgumentError("clouds.yaml: has no map 'clouds'");
  const YAML::Node cloud = MapAt(clouds, name);
  if (!cloud.IsDefined()) {
    return absl::NotFoundError(
        absl::StrCat("clouds.yaml: has no cloud ", Quoted(name), "; it has ", NamesOf(clouds)));
  }
  CloudSettings settings;
  Flatten(cloud, settings);
  const YAML::Node secret = MapAt(MapAt(YAML::Load(secure_yaml), "clouds"), name);
  if (secret.IsDefined()) Flatten(secret, settings);
  return settings;
}

std::optional<std::string> ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return std::nullopt;
  return std::string(std::istreambuf_iterator<char>(file), {});
}

std::vector<std::string> PathsOf(const Environment& environment, const char* variable,
                                 const char* name) {
  const std::string stated = environment(variable);
  if (!stated.empty()) return {stated};
  return {name, absl::StrCat(environment("HOME"), "/.config/openstack/", name),
          absl::StrCat("/etc/openstack/", name)};
}

std::optional<std::string> ReadFirst(const std::vector<std::string>& paths) {
  for (const std::string& path : paths) {
    std::optional<std::string> text = ReadFile(path);
    if (text.has_value()) return text;
  }
  return std::nullopt;
}

absl::StatusOr<CloudSettings> SettingsFromFiles(const Environment& environment,
                                                const std::string& name) {
  const std::vector<std::string> paths =
      PathsOf(environment, "OS_CLIENT_CONFIG_FILE", "clouds.yaml");
  const std::optional<std::string> clouds = ReadFirst(paths);
  if (!clouds.has_value()) {
    return absl::NotFoundError(absl::StrCat("cloud ", Quoted(name),
                                            ": no clouds.yaml can be read: ", "looked for ",
                                            paths.front(), " and ", paths.back()));
  }
  const std::optional<std::string> secure =
      ReadFirst(PathsOf(environment, "OS_CLIENT_SECURE_FILE", "secure.yaml"));
  return SettingsFromYaml(*clouds, secure.value_or(""), name);
}

}  // namespace

absl::StatusOr<CloudSettings> SettingsFromYaml(const std::string& clouds_yaml,
                                               const std::string& secure_yaml,
                                               const std::string& name) {
  try {
    return ReadYaml(clouds_yaml, secure_yaml, name);
  } catch (const YAML::Exception& error) {  // Its text quotes positions, never values.
    return absl::InvalidArgumentError(
        absl::StrCat("clouds.yaml: line ", error.mark.line + 1, " is not as it must be"));
  }
}

absl::StatusOr<CloudConfig> ReadCloud(const Environment& environment, const std::string& name,
                                      const std::string& endpoint) {
  const std::string chosen = name.empty() ? environment("OS_CLOUD") : name;
  absl::StatusOr<CloudSettings> settings = SettingsFromEnvironment(environment);
  if (!chosen.empty()) settings = SettingsFromFiles(environment, chosen);
  if (!settings.ok()) return settings.status();
  if (!endpoint.empty()) (*settings)["placement_endpoint_override"] = endpoint;
  return CloudFrom(*settings);
}

}  // namespace ccplace::sync
