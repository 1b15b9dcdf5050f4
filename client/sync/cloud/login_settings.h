// The login, and the TLS files, that one cloud's settings say.
#ifndef CCPLACE_CLIENT_SYNC_CLOUD_LOGIN_SETTINGS_H_
#define CCPLACE_CLIENT_SYNC_CLOUD_LOGIN_SETTINGS_H_

#include "client/sync/cloud/cloud_config.h"
#include "client/sync/cloud/setting_reader.h"

namespace ccplace::sync {

// Fills in auth_type, user, project and secrets. Faults stay in `reader`.
void ReadLogin(const CloudLayers& layers, SettingReader& reader, CloudConfig& cloud);

// INVALID_ARGUMENT: the login lacks something, with the setting and its variable.
absl::Status CheckLogin(const CloudLayers& layers, const CloudConfig& cloud);

// Fills in `tls`. Files must be there. Faults stay in `reader`.
void ReadTls(const Environment& environment, SettingReader& reader, CloudConfig& cloud);

}  // namespace ccplace::sync

#endif  // CCPLACE_CLIENT_SYNC_CLOUD_LOGIN_SETTINGS_H_
