#include "client/sync/cloud/cloud_config.h"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/string_view.h"
#include "client/sync/cloud/cloud_warnings.h"
#include "client/sync/cloud/known_keys.h"
#include "client/sync/cloud/login_settings.h"
#include "client/sync/cloud/setting_reader.h"
#include "client/sync/http/url.h"
#include "lib/base/text.h"
#include "nlohmann/json.hpp"

namespace ccplace::sync {
namespace {

// The library's two ways with bytes that are no UTF-8 agree where there are none.
bool IsUtf8(const std::string& text) {
  using Handler = nlohmann::json::error_handler_t;
  const nlohmann::json value = text;
  return value.dump(-1, ' ', false, Handler::ignore) ==
         value.dump(-1, ' ', false, Handler::replace);
}

// Logins and requests are JSON, which has no other text. The value may be a secret.
absl::Status CheckText(const std::map<std::string, Setting>& settings) {
  for (const auto& [name, setting] : settings) {
    if (!IsUtf8(setting.text)) return Refuse(setting, name, "is no UTF-8: correct it");
  }
  return absl::OkStatus();
}

// openstacksdk fills other settings in between braces; of these only the region is known here.
std::string Filled(std::string text, const char* name, const std::string& region,
                   SettingReader& reader) {
  text = absl::StrReplaceAll(text, {{"{region_name}", region}});
  if (text.find_first_of("{}") != std::string::npos) {
    reader.Fault(absl::InvalidArgumentError(absl::StrCat(
        "cloud: ", name, ": braces refer to other settings; only {region_name} is understood")));
  }
  return text;
}

std::string InterfaceOf(const Setting& setting, const char* name, SettingReader& reader) {
  const absl::StatusOr<std::string> text = TextOf(setting, name);
  if (!text.ok()) reader.Fault(text.status());
  std::string word = text.value_or("");
  while (!word.empty() && absl::string_view("URL").find(word.back()) != absl::string_view::npos) {
    word.pop_back();
  }
  if (word != "public" && word != "internal" && word != "admin") {
    reader.Fault(Refuse(
        setting, name,
        absl::StrCat(Quoted(text.value_or("")), " is not known: use public, internal or admin")));
  }
  return word;
}

// One of two names of the same; both are a fault.
const Setting* OneOf(const char* name, const char* old_name, SettingReader& reader) {
  const Setting* setting = reader.Raw(name);
  const Setting* old = reader.Raw(old_name);
  if (setting != nullptr && old != nullptr && setting->text != old->text) {
    reader.Fault(Refuse(*old, old_name, absl::StrCat("is an old name of ", name, ": leave one")));
  }
  const Setting* found = setting != nullptr ? setting : old;
  return found != nullptr && found->type == Setting::Type::kNull ? nullptr : found;
}

void ReadInterfaces(SettingReader& reader, CloudConfig& cloud) {
  const Setting* setting = OneOf("placement_interface", "placement_endpoint_type", reader);
  if (setting == nullptr) setting = OneOf("interface", "endpoint_type", reader);
  if (setting == nullptr) return;
  cloud.interfaces.clear();
  if (setting->type != Setting::Type::kList) {
    cloud.interfaces = {InterfaceOf(*setting, "interface", reader)};
    return;
  }
  for (const Setting& item : setting->items) {
    cloud.interfaces.push_back(InterfaceOf(item, "interface", reader));
  }
  if (cloud.interfaces.empty()) reader.Fault(Refuse(*setting, "interface", "must not be empty"));
}

void ReadEndpoint(const CloudLayers& layers, SettingReader& reader, CloudConfig& cloud) {
  cloud.region = reader.Text({"placement_region_name"});
  if (cloud.region.empty()) cloud.region = layers.region;
  if ((cloud.region + layers.region).find_first_of("{}") != std::string::npos) {
    reader.Fault(absl::InvalidArgumentError("cloud: region_name: must have no braces"));
  }
  cloud.auth_url = Filled(cloud.auth_url, "auth_url", layers.region, reader);
  cloud.placement_endpoint = reader.Text({"placement_endpoint_override"});
  if (cloud.placement_endpoint.empty()) {
    cloud.placement_endpoint = reader.Text({"placement_endpoint"});
  }
  if (cloud.placement_endpoint.empty() && cloud.auth_type == AuthType::kNone) {
    cloud.placement_endpoint = reader.Auth({"endpoint"});
  }
  cloud.placement_endpoint =
      Filled(cloud.placement_endpoint, "placement_endpoint", layers.region, reader);
}

absl::Status CheckUrl(absl::string_view setting, const std::string& text) {
  if (text.empty()) return absl::OkStatus();
  const std::optional<Url> url = ParseUrl(text);
  const bool fits = url.has_value() && (url->scheme == "http" || url->scheme == "https");
  if (!fits || !IsPrintable(text)) {
    return absl::InvalidArgumentError(absl::StrCat("cloud: ", setting, " ", Quoted(UrlForLog(text)),
                                                   ": must begin with http:// or https://"));
  }
  if (!url->has_user) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat("cloud: ", setting, " ", Quoted(UrlForLog(text)),
                                                 ": must hold no user and no password: name them "
                                                 "in username and password"));
}

absl::Status Check(const CloudLayers& layers, const CloudConfig& cloud) {
  absl::Status valid = CheckUrl("placement_endpoint", cloud.placement_endpoint);
  if (valid.ok()) valid = CheckLogin(layers, cloud);
  if (valid.ok()) valid = CheckUrl("auth_url", cloud.auth_url);
  return valid;
}

absl::Status CheckSettings(const CloudLayers& layers) {
  absl::Status valid = CheckText(layers.settings);
  if (valid.ok()) valid = CheckText(layers.auth);
  return valid.ok() ? CheckKeys(layers) : valid;
}

}  // namespace

absl::StatusOr<CloudConfig> ReadCloud(const Environment& environment, const CloudOptions& options) {
  absl::StatusOr<CloudLayers> layers = ReadCloudLayers(environment, options);
  if (!layers.ok()) return layers.status();
  absl::Status valid = CheckSettings(*layers);
  if (!valid.ok()) return valid;
  CloudConfig cloud;
  cloud.name = layers->name;
  cloud.files = layers->files;
  SettingReader reader(*layers);
  ReadLogin(*layers, reader, cloud);
  ReadInterfaces(reader, cloud);
  ReadEndpoint(*layers, reader, cloud);
  ReadTls(environment, reader, cloud);
  if (!reader.status().ok()) return reader.status();
  if (!options.placement_endpoint.empty()) cloud.placement_endpoint = options.placement_endpoint;
  valid = Check(*layers, cloud);
  if (!valid.ok()) return valid;
  cloud.warnings = WarningsOf(*layers, cloud);
  return cloud;
}

}  // namespace ccplace::sync
