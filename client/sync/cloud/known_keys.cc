#include "client/sync/cloud/known_keys.h"

#include <algorithm>
#include <iterator>
#include <set>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace ccplace::sync {
namespace {

const std::set<std::string>& AuthKeys() {
  static const auto* keys = new std::set<std::string>{"auth_url",
                                                      "username",
                                                      "user_name",
                                                      "user_id",
                                                      "password",
                                                      "user_domain_id",
                                                      "user_domain_name",
                                                      "project_id",
                                                      "project_name",
                                                      "tenant_id",
                                                      "tenant_name",
                                                      "project_domain_id",
                                                      "project_domain_name",
                                                      "domain_id",
                                                      "domain_name",
                                                      "default_domain_id",
                                                      "default_domain_name",
                                                      "system_scope",
                                                      "application_credential_id",
                                                      "application_credential_name",
                                                      "application_credential_secret",
                                                      "token",
                                                      "auth_token",
                                                      "endpoint"};
  return *keys;
}

const std::set<std::string>& UsedKeys() {
  static const auto* keys = new std::set<std::string>{"auth_type",
                                                      "interface",
                                                      "endpoint_type",
                                                      "placement_interface",
                                                      "placement_endpoint_type",
                                                      "placement_endpoint_override",
                                                      "placement_endpoint",
                                                      "placement_region_name",
                                                      "cacert",
                                                      "cert",
                                                      "key",
                                                      "verify",
                                                      "insecure"};
  return *keys;
}

// openstacksdk's config/schema.json; none of these changes where or how one logs in.
const std::set<std::string>& OtherKeys() {
  static const auto* keys = new std::set<std::string>{"api_timeout",
                                                      "force_ipv4",
                                                      "prefer_ipv6",
                                                      "networks",
                                                      "external_network",
                                                      "internal_network",
                                                      "metrics",
                                                      "disable_vendor_agent",
                                                      "floating_ip_source",
                                                      "secgroup_source",
                                                      "image_api_use_tasks",
                                                      "image_format",
                                                      "message",
                                                      "status",
                                                      "vendor_hook",
                                                      "requires_floating_ip",
                                                      "timeout",
                                                      "name"};
  return *keys;
}

// Settings of one service: "SERVICE_api_version".
bool IsOfAService(const std::string& key) {
  constexpr const char* kEnds[] = {"_api_version",
                                   "_interface",
                                   "_endpoint_type",
                                   "_endpoint_override",
                                   "_endpoint",
                                   "_service_type",
                                   "_service_name",
                                   "_region_name",
                                   "_default_microversion",
                                   "_status_code_retries",
                                   "_connect_retries",
                                   "_connect_retry_delay",
                                   "_timeout"};
  return absl::StartsWith(key, "has_") ||
         std::any_of(std::begin(kEnds), std::end(kEnds),
                     [&key](const char* end) { return absl::EndsWith(key, end); });
}

bool SaysNothingOfPlacement(const std::string& key) {
  if (key == "has_placement") return false;
  if (!absl::StartsWith(key, "placement_")) return IsOfAService(key);
  return absl::EndsWith(key, "_api_version") || absl::EndsWith(key, "_default_microversion") ||
         absl::EndsWith(key, "retries") || absl::EndsWith(key, "_retry_delay");
}

bool IsKnown(const std::string& key) {
  return UsedKeys().count(key) > 0 || AuthKeys().count(key) > 0 || OtherKeys().count(key) > 0 ||
         SaysNothingOfPlacement(key);
}

// Variables that are no setting of a known name may be of another program, but not these.
bool IsMeantForUs(const std::string& key) {
  return absl::StartsWith(key, "placement_") || key == "has_placement" || key == "regions" ||
         key == "auth" || key == "trust_id" || key == "passcode" || key == "auth_plugin";
}

constexpr char kNotUnderstood[] =
    "is not understood here, and may change where the login goes: correct it, or take it away";

}  // namespace

absl::Status CheckKeys(const CloudLayers& layers) {
  for (const auto& [key, setting] : layers.auth) {
    if (AuthKeys().count(key) == 0) {
      return Refuse(setting, absl::StrCat("auth.", key), kNotUnderstood);
    }
  }
  for (const auto& [key, setting] : layers.settings) {
    const bool may_be_others = layers.from_environment && !IsMeantForUs(key);
    if (!IsKnown(key) && !may_be_others) return Refuse(setting, key, kNotUnderstood);
    const bool old =
        key == "identity_api_version" && !setting.text.empty() && setting.text[0] != '3';
    if (old) return Refuse(setting, key, "must be 3: Keystone's older interface is not supported");
  }
  return absl::OkStatus();
}

}  // namespace ccplace::sync
