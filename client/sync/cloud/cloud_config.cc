#include "client/sync/cloud/cloud_config.h"

#include <array>
#include <initializer_list>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "lib/base/text.h"
#include "nlohmann/json.hpp"

namespace ccplace::sync {
namespace {

// The first of these settings that is there and not empty.
std::string FirstOf(const CloudSettings& settings, std::initializer_list<const char*> names) {
  for (const char* name : names) {
    const auto found = settings.find(name);
    if (found != settings.end() && !found->second.empty()) return found->second;
  }
  return "";
}

bool IsTrue(const std::string& value) {
  for (const char* word : {"1", "true", "yes", "on", "t", "y"}) {
    if (absl::EqualsIgnoreCase(value, word)) return true;
  }
  return false;
}

absl::Status Missing(absl::string_view setting, absl::string_view variable) {
  return absl::InvalidArgumentError(absl::StrCat("cloud: ", setting, " is not set: set ", variable,
                                                 ", or ", setting, " in clouds.yaml"));
}

// The library's two ways with bytes that are no UTF-8 agree where there are none.
bool IsUtf8(const std::string& text) {
  using Handler = nlohmann::json::error_handler_t;
  const nlohmann::json value = text;
  return value.dump(-1, ' ', false, Handler::ignore) ==
         value.dump(-1, ' ', false, Handler::replace);
}

// Logins and requests are JSON, which has no other text. The value may be a secret.
absl::Status CheckText(const CloudSettings& settings) {
  for (const auto& [name, value] : settings) {
    if (IsUtf8(value)) continue;
    return absl::InvalidArgumentError(absl::StrCat(
        "cloud: ", Printable(name), " is no UTF-8: correct OS_",
        absl::AsciiStrToUpper(Printable(name)), ", or ", Printable(name), " in clouds.yaml"));
  }
  return absl::OkStatus();
}

absl::StatusOr<AuthType> AuthTypeOf(const CloudSettings& settings) {
  const std::string type = FirstOf(settings, {"auth_type"});
  if (type == "none" || type == "noauth2") return AuthType::kNone;
  if (type == "v3applicationcredential") return AuthType::kApplicationCredential;
  if (type == "password" || type == "v3password") return AuthType::kPassword;
  if (!type.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat("cloud: auth_type ", Quoted(type),
                     " is not known: use password, v3applicationcredential or none"));
  }
  const bool has_credential = !FirstOf(settings, {"application_credential_secret"}).empty();
  return has_credential ? AuthType::kApplicationCredential : AuthType::kPassword;
}

void ReadUser(const CloudSettings& settings, CloudConfig& cloud) {
  cloud.auth_url = FirstOf(settings, {"auth_url"});
  cloud.user_id = FirstOf(settings, {"user_id"});
  cloud.username = FirstOf(settings, {"username", "user_name"});
  cloud.user_domain_id = FirstOf(settings, {"user_domain_id", "default_domain_id", "domain_id"});
  cloud.user_domain_name =
      FirstOf(settings, {"user_domain_name", "default_domain_name", "domain_name"});
  cloud.password = FirstOf(settings, {"password"});
  cloud.application_credential_id = FirstOf(settings, {"application_credential_id"});
  cloud.application_credential_name = FirstOf(settings, {"application_credential_name"});
  cloud.application_credential_secret = FirstOf(settings, {"application_credential_secret"});
}

void ReadProject(const CloudSettings& settings, CloudConfig& cloud) {
  cloud.project_id = FirstOf(settings, {"project_id", "tenant_id"});
  cloud.project_name = FirstOf(settings, {"project_name", "tenant_name"});
  cloud.project_domain_id = FirstOf(settings, {"project_domain_id", "default_domain_id"});
  cloud.project_domain_name = FirstOf(settings, {"project_domain_name", "default_domain_name"});
  cloud.system_scope = !FirstOf(settings, {"system_scope"}).empty();
}

void ReadEndpoint(const CloudSettings& settings, CloudConfig& cloud) {
  cloud.placement_endpoint =
      FirstOf(settings, {"placement_endpoint_override", "placement_endpoint"});
  if (cloud.placement_endpoint.empty() && cloud.auth_type == AuthType::kNone) {
    cloud.placement_endpoint = FirstOf(settings, {"endpoint"});
  }
  cloud.region = FirstOf(settings, {"region_name"});
  std::string interface = FirstOf(settings, {"placement_interface", "interface", "endpoint_type"});
  if (absl::EndsWith(interface, "URL")) interface.resize(interface.size() - 3);
  if (!interface.empty()) cloud.interface = interface;
}

void ReadTls(const CloudSettings& settings, CloudConfig& cloud) {
  cloud.tls.ca_file = FirstOf(settings, {"cacert"});
  cloud.tls.certificate_file = FirstOf(settings, {"cert"});
  cloud.tls.key_file = FirstOf(settings, {"key"});
  cloud.tls.insecure = IsTrue(FirstOf(settings, {"insecure"})) ||
                       (settings.count("verify") > 0 && !IsTrue(FirstOf(settings, {"verify"})));
}

absl::Status CheckPassword(const CloudConfig& cloud) {
  const bool has_user = !cloud.user_id.empty() || !cloud.username.empty();
  const bool has_user_domain =
      !cloud.user_id.empty() || !cloud.user_domain_id.empty() || !cloud.user_domain_name.empty();
  const bool has_project =
      cloud.system_scope || !cloud.project_id.empty() || !cloud.project_name.empty();
  const bool has_project_domain = cloud.system_scope || !cloud.project_id.empty() ||
                                  !cloud.project_domain_id.empty() ||
                                  !cloud.project_domain_name.empty();
  if (!has_user) return Missing("username", "OS_USERNAME");
  if (!has_user_domain) return Missing("user_domain_name", "OS_USER_DOMAIN_NAME");
  if (cloud.password.empty()) return Missing("password", "OS_PASSWORD");
  if (!has_project) return Missing("project_name", "OS_PROJECT_NAME");
  if (!has_project_domain) return Missing("project_domain_name", "OS_PROJECT_DOMAIN_NAME");
  return absl::OkStatus();
}

absl::Status CheckCredential(const CloudConfig& cloud) {
  if (cloud.application_credential_secret.empty()) {
    return Missing("application_credential_secret", "OS_APPLICATION_CREDENTIAL_SECRET");
  }
  const bool has_user = !cloud.user_id.empty() || !cloud.username.empty();
  const bool named = !cloud.application_credential_name.empty() && has_user;
  if (!cloud.application_credential_id.empty() || named) return absl::OkStatus();
  return Missing("application_credential_id", "OS_APPLICATION_CREDENTIAL_ID");
}

absl::Status CheckUrl(absl::string_view setting, const std::string& url) {
  const bool fits = absl::StartsWith(url, "http://") || absl::StartsWith(url, "https://");
  if (fits && IsPrintable(url)) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("cloud: ", setting, " ", Quoted(url), ": must begin with http:// or https://"));
}

absl::Status Check(const CloudConfig& cloud) {
  if (!cloud.placement_endpoint.empty()) {
    absl::Status valid = CheckUrl("placement_endpoint", cloud.placement_endpoint);
    if (!valid.ok()) return valid;
  }
  if (cloud.auth_type == AuthType::kNone) {
    if (!cloud.placement_endpoint.empty()) return absl::OkStatus();
    return Missing("placement_endpoint_override", "OS_ENDPOINT or --placement_endpoint");
  }
  if (cloud.auth_url.empty()) return Missing("auth_url", "OS_AUTH_URL");
  absl::Status valid = CheckUrl("auth_url", cloud.auth_url);
  if (!valid.ok()) return valid;
  return cloud.auth_type == AuthType::kPassword ? CheckPassword(cloud) : CheckCredential(cloud);
}

}  // namespace

absl::StatusOr<CloudConfig> CloudFrom(const CloudSettings& settings) {
  absl::Status text = CheckText(settings);
  if (!text.ok()) return text;
  const absl::StatusOr<AuthType> type = AuthTypeOf(settings);
  if (!type.ok()) return type.status();
  CloudConfig cloud;
  cloud.auth_type = *type;
  ReadUser(settings, cloud);
  ReadProject(settings, cloud);
  ReadEndpoint(settings, cloud);
  ReadTls(settings, cloud);
  absl::Status valid = Check(cloud);
  if (!valid.ok()) return valid;
  return cloud;
}

}  // namespace ccplace::sync
