#include "client/sync/cloud/login_settings.h"

#include <algorithm>
#include <string>

#include "absl/strings/str_cat.h"
#include "lib/base/text.h"

namespace ccplace::sync {
namespace {

void ReadType(const std::string& type, bool has_credential, SettingReader& reader,
              CloudConfig& cloud) {
  if (type == "none" || type == "noauth2") {
    cloud.auth_type = AuthType::kNone;
  } else if (type == "v3applicationcredential") {
    cloud.auth_type = AuthType::kApplicationCredential;
  } else if (type.empty() && has_credential) {
    reader.Fault(Refuse(*reader.FoundAt("application_credential_secret"), "auth_type",
                        "is not set, and is password then: set v3applicationcredential "
                        "(OS_AUTH_TYPE)"));
  } else if (type == "token" || type == "v3token") {
    cloud.auth_type = AuthType::kToken;
  } else if (!type.empty() && type != "password" && type != "v3password") {
    reader.Fault(Refuse(*reader.Raw("auth_type"), "auth_type",
                        absl::StrCat(Quoted(type),
                                     " is not known: use password, v3password, "
                                     "v3applicationcredential, token, v3token or none")));
  }
}

void ReadUser(SettingReader& reader, CloudConfig& cloud) {
  cloud.auth_url = reader.Auth({"auth_url"});
  cloud.user_id = reader.Auth({"user_id"});
  cloud.username = reader.Auth({"username", "user_name"});
  cloud.user_domain_id = reader.Auth({"user_domain_id"});
  cloud.user_domain_name = reader.Auth({"user_domain_name"});
  cloud.password = reader.Auth({"password"});
  cloud.application_credential_id = reader.Auth({"application_credential_id"});
  cloud.application_credential_name = reader.Auth({"application_credential_name"});
  cloud.application_credential_secret = reader.Auth({"application_credential_secret"});
  cloud.token = reader.Auth({"token", "auth_token"});
}

void ReadProject(SettingReader& reader, CloudConfig& cloud) {
  cloud.project_id = reader.Auth({"project_id", "tenant_id"});
  cloud.project_name = reader.Auth({"project_name", "tenant_name"});
  cloud.project_domain_id = reader.Auth({"project_domain_id"});
  cloud.project_domain_name = reader.Auth({"project_domain_name"});
  const std::string scope = reader.Auth({"system_scope"});
  cloud.system_scope = scope == "all";
  if (!scope.empty() && scope != "all") {
    reader.Fault(Refuse(*reader.FoundAt("system_scope"), "system_scope", "must be all"));
  }
}

void TakeWhereEmpty(std::string& slot, const std::string& value) {
  if (slot.empty()) slot = value;
}

// domain_* means both domains where a project is named; default_domain_* means those still unset,
// in the types that look for Keystone's version.
void ReadSharedDomains(bool versionless, SettingReader& reader, CloudConfig& cloud) {
  const std::string id = reader.Auth({"domain_id"});
  const std::string name = reader.Auth({"domain_name"});
  const bool has_project = !cloud.project_id.empty() || !cloud.project_name.empty();
  if (!has_project && !(id + name).empty() && cloud.auth_type != AuthType::kNone) {
    const Setting* found = reader.FoundAt(id.empty() ? "domain_name" : "domain_id");
    reader.Fault(Refuse(*found, id.empty() ? "domain_name" : "domain_id",
                        "without a project the login is for the domain, and Placement wants a "
                        "project: name one in project_name"));
  }
  for (std::string* slot : {&cloud.user_domain_id, &cloud.project_domain_id}) {
    TakeWhereEmpty(*slot, id);
    if (versionless) TakeWhereEmpty(*slot, reader.Auth({"default_domain_id"}));
  }
  for (std::string* slot : {&cloud.user_domain_name, &cloud.project_domain_name}) {
    TakeWhereEmpty(*slot, name);
    if (versionless) TakeWhereEmpty(*slot, reader.Auth({"default_domain_name"}));
  }
}

// What the login's type has no use for and other tools send, or fail on.
void RefuseStrangers(const CloudLayers& layers, bool versionless, SettingReader& reader,
                     const CloudConfig& cloud) {
  const auto inside = [&](std::initializer_list<const char*> names) {
    for (const char* name : names) {
      const auto found = layers.auth.find(name);
      if (found == layers.auth.end()) continue;
      reader.Fault(Refuse(found->second, absl::StrCat("auth.", name),
                          "does not belong to this auth_type: take it away"));
    }
  };
  const auto anywhere = [&](std::initializer_list<const char*> names) {
    for (const char* name : names) {
      if (reader.Auth({name}).empty()) continue;
      reader.Fault(
          Refuse(*reader.FoundAt(name), name, "does not belong to this auth_type: take it away"));
    }
  };
  if (cloud.auth_type == AuthType::kNone) {
    for (const auto& [name, setting] : layers.auth) {
      if (name != "endpoint") inside({name.c_str()});
    }
    return;
  }
  inside({"endpoint"});
  if (!versionless) inside({"default_domain_id", "default_domain_name"});
  if (cloud.auth_type != AuthType::kToken) anywhere({"token", "auth_token"});
  if (cloud.auth_type == AuthType::kApplicationCredential) {
    inside({"password"});
    anywhere({"project_id", "project_name", "tenant_id", "tenant_name", "system_scope"});
    return;
  }
  inside({"application_credential_id", "application_credential_name",
          "application_credential_secret"});
  if (cloud.auth_type == AuthType::kToken) inside({"password", "username", "user_name", "user_id"});
}

absl::Status Missing(const CloudLayers& layers, const std::string& setting,
                     const std::string& variable) {
  std::string remedy = absl::StrCat("set ", variable, ", or ", setting, " in clouds.yaml");
  if (!layers.from_environment) {
    remedy =
        absl::StrCat("write it into cloud ", Quoted(layers.name), " of clouds.yaml or secure.yaml");
  }
  const auto& ignored = layers.ignored;
  if (std::find(ignored.begin(), ignored.end(), variable) != ignored.end()) {
    absl::StrAppend(&remedy, " (", variable, " is set, and not used beside OS_CLOUD)");
  }
  return absl::InvalidArgumentError(absl::StrCat("cloud: ", setting, " is not set: ", remedy));
}

absl::Status CheckUser(const CloudLayers& layers, const CloudConfig& cloud) {
  const bool has_domain =
      !cloud.user_id.empty() || !cloud.user_domain_id.empty() || !cloud.user_domain_name.empty();
  if (cloud.user_id.empty() && cloud.username.empty()) {
    return Missing(layers, "username", "OS_USERNAME");
  }
  if (!has_domain) return Missing(layers, "user_domain_name", "OS_USER_DOMAIN_NAME");
  return absl::OkStatus();
}

absl::Status CheckScope(const CloudLayers& layers, const CloudConfig& cloud) {
  const bool has_project = !cloud.project_id.empty() || !cloud.project_name.empty();
  if (cloud.system_scope && has_project) {
    return absl::InvalidArgumentError(
        "cloud: system_scope and a project are both set: take system_scope away");
  }
  if (cloud.system_scope) return absl::OkStatus();
  const bool has_domain = !cloud.project_id.empty() || !cloud.project_domain_id.empty() ||
                          !cloud.project_domain_name.empty();
  if (!has_project) return Missing(layers, "project_name", "OS_PROJECT_NAME");
  if (!has_domain) return Missing(layers, "project_domain_name", "OS_PROJECT_DOMAIN_NAME");
  return absl::OkStatus();
}

absl::Status CheckCredential(const CloudLayers& layers, const CloudConfig& cloud) {
  if (cloud.application_credential_secret.empty()) {
    return Missing(layers, "application_credential_secret", "OS_APPLICATION_CREDENTIAL_SECRET");
  }
  if (!cloud.application_credential_id.empty()) return absl::OkStatus();
  if (cloud.application_credential_name.empty()) {
    return Missing(layers, "application_credential_id", "OS_APPLICATION_CREDENTIAL_ID");
  }
  return CheckUser(layers, cloud);
}

absl::Status CheckPassword(const CloudLayers& layers, const CloudConfig& cloud) {
  absl::Status valid = CheckUser(layers, cloud);
  if (!valid.ok()) return valid;
  if (cloud.password.empty()) return Missing(layers, "password", "OS_PASSWORD");
  return CheckScope(layers, cloud);
}

}  // namespace

void ReadLogin(const CloudLayers& layers, SettingReader& reader, CloudConfig& cloud) {
  ReadUser(reader, cloud);
  ReadProject(reader, cloud);
  const std::string type = reader.Text({"auth_type"});
  const bool credential_alone =
      !cloud.application_credential_secret.empty() && cloud.password.empty();
  ReadType(type, credential_alone, reader, cloud);
  const bool versionless = type.empty() || type == "password" || type == "token";
  ReadSharedDomains(versionless && cloud.auth_type != AuthType::kApplicationCredential, reader,
                    cloud);
  RefuseStrangers(layers, versionless, reader, cloud);
}

absl::Status CheckLogin(const CloudLayers& layers, const CloudConfig& cloud) {
  if (cloud.auth_type == AuthType::kNone) {
    if (!cloud.placement_endpoint.empty()) return absl::OkStatus();
    return Missing(layers, "placement_endpoint_override", "OS_ENDPOINT or --placement_endpoint");
  }
  if (cloud.auth_url.empty()) return Missing(layers, "auth_url", "OS_AUTH_URL");
  if (cloud.auth_type == AuthType::kApplicationCredential) return CheckCredential(layers, cloud);
  if (cloud.auth_type == AuthType::kPassword) return CheckPassword(layers, cloud);
  if (cloud.token.empty()) return Missing(layers, "token", "OS_TOKEN");
  return CheckScope(layers, cloud);
}

}  // namespace ccplace::sync
