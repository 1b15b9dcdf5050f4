// Which cloud is in force, and what its layers say: profile, cloud, region.
#ifndef CCPLACE_CLIENT_SYNC_CLOUD_CLOUD_LAYERS_H_
#define CCPLACE_CLIENT_SYNC_CLOUD_CLOUD_LAYERS_H_

#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "client/sync/cloud/environment.h"
#include "client/sync/cloud/setting.h"

namespace ccplace::sync {

// What a command line says of the cloud. Empty: nothing.
struct CloudOptions {
  std::string name;                // Goes before OS_CLOUD.
  std::string region;              // One of the cloud's.
  std::string placement_endpoint;  // Goes before any setting.
};

// One cloud's settings after profile, secure.yaml and region were laid over each other. Keys have
// underscores for dashes.
struct CloudLayers {
  std::string name;
  bool from_environment = false;
  std::map<std::string, Setting> settings;  // All but `auth`.
  std::map<std::string, Setting> auth;
  std::string region;                // Empty: none named.
  std::vector<std::string> files;    // That were read, in order.
  std::vector<std::string> ignored;  // Variables that are set and not used.
};

// By openstacksdk's rules (openstack/config/loader.py); where two tools, two versions or two
// readers would differ, and for all that it does not know: INVALID_ARGUMENT with file, line and
// key. NOT_FOUND: no such cloud, the message lists those there are. PERMISSION_DENIED: a file is
// there and cannot be read.
absl::StatusOr<CloudLayers> ReadCloudLayers(const Environment& environment,
                                            const CloudOptions& options);

}  // namespace ccplace::sync

#endif  // CCPLACE_CLIENT_SYNC_CLOUD_CLOUD_LAYERS_H_
