// Settings of a cloud that are dangerous or misleading.
#ifndef CCPLACE_CLIENT_SYNC_CLOUD_CLOUD_WARNINGS_H_
#define CCPLACE_CLIENT_SYNC_CLOUD_CLOUD_WARNINGS_H_

#include <string>
#include <vector>

#include "client/sync/cloud/cloud_config.h"
#include "client/sync/cloud/cloud_layers.h"

namespace ccplace::sync {

// A sentence each, with the remedy: certificates that are not checked, secrets that leave in
// plain text or that others can read, variables that are not used.
std::vector<std::string> WarningsOf(const CloudLayers& layers, const CloudConfig& cloud);

}  // namespace ccplace::sync

#endif  // CCPLACE_CLIENT_SYNC_CLOUD_CLOUD_WARNINGS_H_
