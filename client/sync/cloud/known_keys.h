// The keys of clouds.yaml. Thread-safe: pure functions.
#ifndef CCPLACE_CLIENT_SYNC_CLOUD_KNOWN_KEYS_H_
#define CCPLACE_CLIENT_SYNC_CLOUD_KNOWN_KEYS_H_

#include "absl/status/status.h"
#include "client/sync/cloud/cloud_layers.h"

namespace ccplace::sync {

// INVALID_ARGUMENT for the first key that is neither used here nor known to say nothing of logging
// in to Placement: misspelt, or of a newer tool. Variables of the environment that are not known
// are passed over: they may be anybody's.
absl::Status CheckKeys(const CloudLayers& layers);

}  // namespace ccplace::sync

#endif  // CCPLACE_CLIENT_SYNC_CLOUD_KNOWN_KEYS_H_
