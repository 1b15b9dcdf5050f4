// The cloud and the account to use, read where every OpenStack tool reads them: OS_* in the
// environment, or clouds.yaml.
#ifndef CCPLACE_CLIENT_SYNC_CLOUD_CLOUD_CONFIG_H_
#define CCPLACE_CLIENT_SYNC_CLOUD_CLOUD_CONFIG_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "client/sync/cloud/cloud_layers.h"
#include "client/sync/cloud/environment.h"
#include "client/sync/http/http_client.h"

namespace ccplace::sync {

enum class AuthType { kNone, kPassword, kApplicationCredential, kToken };

// A cloud's settings. Holds secrets: never log it.
struct CloudConfig {
  std::string name;  // As clouds.yaml calls it.
  AuthType auth_type = AuthType::kPassword;
  std::string auth_url;  // Keystone's, with or without /v3.
  std::string user_id;
  std::string username;
  std::string user_domain_id;
  std::string user_domain_name;
  std::string password;
  std::string project_id;
  std::string project_name;
  std::string project_domain_id;
  std::string project_domain_name;
  bool system_scope = false;
  std::string application_credential_id;
  std::string application_credential_name;
  std::string application_credential_secret;
  std::string token;
  std::string placement_endpoint;                 // Empty: from the service catalog.
  std::string region;                             // Empty: none named.
  std::vector<std::string> interfaces{"public"};  // Of the catalog, the preferred one first.
  TlsFiles tls;
  std::vector<std::string> files;     // That were read.
  std::vector<std::string> warnings;  // To be logged before anything is sent.
};

// The cloud in force, by openstacksdk's rules; docs/login.md has them. `options.name`, else
// OS_CLOUD, picks one of clouds.yaml with the secure.yaml over it; without either the OS_*
// variables are the cloud where there are any, else the only one of clouds.yaml.
//
// What other tools would understand differently, or not at all, is refused:
// INVALID_ARGUMENT names file, line, key and remedy, never a secret's value. NOT_FOUND: no such
// cloud or file. PERMISSION_DENIED: a file is there and this user may not read it.
absl::StatusOr<CloudConfig> ReadCloud(const Environment& environment, const CloudOptions& options);

// What ReadCloud found, a "name: value" a line, secrets masked.
std::string ExplainLogin(const CloudConfig& cloud);

}  // namespace ccplace::sync

#endif  // CCPLACE_CLIENT_SYNC_CLOUD_CLOUD_CONFIG_H_
