// A cloud's regions. Thread-safe: pure functions.
#ifndef CCPLACE_CLIENT_SYNC_CLOUD_CLOUD_REGION_H_
#define CCPLACE_CLIENT_SYNC_CLOUD_CLOUD_REGION_H_

#include <string>

#include "absl/status/statusor.h"
#include "client/sync/cloud/setting.h"

namespace ccplace::sync {

struct CloudRegion {
  std::string name;  // Empty: none is named.
  Setting values;    // Settings of that region alone; a map, or null.
};

// The region called `wanted` (empty: the first) of the cloud's `regions`, else of its
// `region_name`, else of the profile's. INVALID_ARGUMENT: not as they must be, or not among them.
absl::StatusOr<CloudRegion> ChooseRegion(const Setting& cloud, const Setting& profile,
                                         const std::string& wanted);

}  // namespace ccplace::sync

#endif  // CCPLACE_CLIENT_SYNC_CLOUD_CLOUD_REGION_H_
