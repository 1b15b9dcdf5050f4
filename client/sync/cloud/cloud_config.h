// Which cloud to talk to and as whom, read where every OpenStack tool reads it: OS_* in the
// environment, or clouds.yaml.
#ifndef CCPLACE_CLIENT_SYNC_CLOUD_CLOUD_CONFIG_H_
#define CCPLACE_CLIENT_SYNC_CLOUD_CLOUD_CONFIG_H_

#include <functional>
#include <map>
#include <string>

#include "absl/status/statusor.h"
#include "client/sync/http/http_client.h"

namespace ccplace::sync {

enum class AuthType { kNone, kPassword, kApplicationCredential };

// A cloud's settings. Holds secrets: never log it.
struct CloudConfig {
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
  std::string placement_endpoint;    // Empty: from the service catalog.
  std::string region;                // Empty: any.
  std::string interface = "public";  // Of the catalog: public, internal or admin.
  TlsFiles tls;
};

// Settings by name, as clouds.yaml spells them ("auth_url", "cacert"), those below `auth` beside
// the others. OS_AUTH_URL is "auth_url".
using CloudSettings = std::map<std::string, std::string>;

// The value of an environment variable; empty when unset.
using Environment = std::function<std::string(const std::string& name)>;

// The cloud that settings describe. INVALID_ARGUMENT names the setting that is missing or wrong and
// what to do; never a secret's value.
absl::StatusOr<CloudConfig> CloudFrom(const CloudSettings& settings);

// The settings of the cloud called `name` in the text of a clouds.yaml, with those of a secure.yaml
// (empty: none) laid over them. NOT_FOUND: no such cloud, the message lists those there are.
// INVALID_ARGUMENT: not such a file.
absl::StatusOr<CloudSettings> SettingsFromYaml(const std::string& clouds_yaml,
                                               const std::string& secure_yaml,
                                               const std::string& name);

// The cloud in force. `name` (else OS_CLOUD) picks one of clouds.yaml: OS_CLIENT_CONFIG_FILE, else
// the first of ./, ~/.config/openstack/ and /etc/openstack/ that has it, with the secure.yaml
// beside it (OS_CLIENT_SECURE_FILE). Without a name: the OS_* variables alone. `endpoint`, when not
// empty, takes the place of whatever is said of Placement's endpoint.
absl::StatusOr<CloudConfig> ReadCloud(const Environment& environment, const std::string& name,
                                      const std::string& endpoint);

}  // namespace ccplace::sync

#endif  // CCPLACE_CLIENT_SYNC_CLOUD_CLOUD_CONFIG_H_
