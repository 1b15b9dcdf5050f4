// The block device mapping that an image brings along. Thread-safe: pure functions.
#ifndef CCPLACE_CLIENT_CTL_INPUT_IMAGE_DEVICES_H_
#define CCPLACE_CLIENT_CTL_INPUT_IMAGE_DEVICES_H_

#include <vector>

#include "absl/status/statusor.h"
#include "ccplace/v1/request.pb.h"

namespace ccplace::ctl {

// The entries of the image's property block_device_mapping, which nova makes for a snapshot of a
// server that was booted from volume, and uses as if it had been given with the request. None where
// the property is missing, or where "bdm_v2" is not beside it: the legacy form names no
// buses. INVALID_ARGUMENT with the property for what is no list of block devices.
absl::StatusOr<std::vector<v1::BlockDevice>> DevicesOfImage(const v1::Image& image);

// Puts `of_image` behind the block devices of `request`, but for those whose name one of them has:
// nova lets the request's own win (Compute API, _merge_bdms_lists).
void AddDevicesOfImage(const std::vector<v1::BlockDevice>& of_image,
                       v1::ValidateRequestRequest& request);

}  // namespace ccplace::ctl

#endif  // CCPLACE_CLIENT_CTL_INPUT_IMAGE_DEVICES_H_
