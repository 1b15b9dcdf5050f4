#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/sync/cloud/cloud_config.h"
#include "lib/base/text.h"

namespace ccplace::sync {
namespace {

const char* NameOf(AuthType type) {
  switch (type) {
    case AuthType::kNone:
      return "none";
    case AuthType::kPassword:
      return "password";
    case AuthType::kApplicationCredential:
      return "application credential";
    case AuthType::kToken:
      return "token";
  }
  return "unknown";
}

class Lines {
 public:
  void Add(absl::string_view name, const std::string& value, absl::string_view otherwise = "") {
    if (value.empty() && otherwise.empty()) return;
    absl::StrAppend(&text_, name, ": ", value.empty() ? otherwise : Printable(value, 1024), "\n");
  }
  void AddSecret(absl::string_view name, const std::string& value) {
    Add(name, value.empty() ? "" : "(set)");
  }
  std::string Take() { return std::move(text_); }

 private:
  std::string text_;
};

void AddLogin(const CloudConfig& cloud, Lines& lines) {
  lines.Add("login", NameOf(cloud.auth_type));
  if (cloud.auth_type == AuthType::kNone) return;
  lines.Add("auth_url", cloud.auth_url);
  if (cloud.auth_type == AuthType::kToken) {
    lines.AddSecret("token", cloud.token);
    return;
  }
  lines.Add("user_id", cloud.user_id);
  lines.Add("username", cloud.username);
  lines.Add("user_domain_id", cloud.user_domain_id);
  lines.Add("user_domain_name", cloud.user_domain_name);
  if (cloud.auth_type == AuthType::kPassword) {
    lines.AddSecret("password", cloud.password);
    return;
  }
  lines.Add("application_credential_id", cloud.application_credential_id);
  lines.Add("application_credential_name", cloud.application_credential_name);
  lines.AddSecret("application_credential_secret", cloud.application_credential_secret);
}

// An application credential has its own scope.
void AddScope(const CloudConfig& cloud, Lines& lines) {
  if (cloud.auth_type == AuthType::kNone) return;
  if (cloud.auth_type == AuthType::kApplicationCredential) return;
  if (cloud.system_scope) {
    lines.Add("scope", "system (Placement's usual policy wants a project)");
    return;
  }
  lines.Add("scope", "project");
  lines.Add("project_id", cloud.project_id);
  lines.Add("project_name", cloud.project_name);
  lines.Add("project_domain_id", cloud.project_domain_id);
  lines.Add("project_domain_name", cloud.project_domain_name);
}

std::string Checked(const TlsFiles& tls) {
  if (tls.insecure) return "not checked";
  if (!tls.ca_file.empty()) return absl::StrCat("checked by ", tls.ca_file);
  if (!tls.ca_folder.empty()) return absl::StrCat("checked by ", tls.ca_folder);
  return "checked by the system's authorities";
}

}  // namespace

std::string ExplainLogin(const CloudConfig& cloud) {
  Lines lines;
  lines.Add("cloud", cloud.name);
  lines.Add("files", absl::StrJoin(cloud.files, ", "), "none: the OS_* variables");
  AddLogin(cloud, lines);
  AddScope(cloud, lines);
  lines.Add("placement_endpoint", cloud.placement_endpoint, "from Keystone's catalog");
  lines.Add("region", cloud.region, "none named");
  lines.Add("interface", absl::StrJoin(cloud.interfaces, ", "));
  lines.Add("certificates", Checked(cloud.tls));
  lines.Add("client_certificate", cloud.tls.certificate_file);
  lines.Add("client_key", cloud.tls.key_file);
  for (const std::string& warning : cloud.warnings) lines.Add("warning", warning);
  return lines.Take();
}

}  // namespace ccplace::sync
