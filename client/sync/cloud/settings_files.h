// Where OpenStack's tools look for clouds.yaml, secure.yaml and clouds-public.yaml.
#ifndef CCPLACE_CLIENT_SYNC_CLOUD_SETTINGS_FILES_H_
#define CCPLACE_CLIENT_SYNC_CLOUD_SETTINGS_FILES_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "client/sync/cloud/environment.h"
#include "client/sync/cloud/setting.h"

namespace ccplace::sync {

// A settings file; `path` is empty where there is none.
struct SettingsFile {
  std::string path;
  Setting settings;                 // A map.
  std::vector<std::string> looked;  // The folders that were looked into.
};

// The first file called NAME.yaml, .yml or .json in $CREDENTIALS_DIRECTORY, .,
// $XDG_CONFIG_HOME/openstack,
// ~/.config/openstack, /etc/xdg/openstack and /etc/openstack. The file that `variable` names goes
// before them; nullptr: no such variable. INVALID_ARGUMENT: a file that is there and is not as it
// must be. PERMISSION_DENIED: there, and not readable. NOT_FOUND: the variable names none.
absl::StatusOr<SettingsFile> FindSettingsFile(const Environment& environment,
                                              const std::string& name, const char* variable);

// A path with a leading "~/" replaced by the home folder. INVALID_ARGUMENT: another user's home.
absl::StatusOr<std::string> ExpandHome(const Environment& environment, const std::string& path);

}  // namespace ccplace::sync

#endif  // CCPLACE_CLIENT_SYNC_CLOUD_SETTINGS_FILES_H_
