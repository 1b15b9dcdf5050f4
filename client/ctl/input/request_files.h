// Flavor, image and block devices of a request, from what the command line names.
#ifndef CCPLACE_CLIENT_CTL_INPUT_REQUEST_FILES_H_
#define CCPLACE_CLIENT_CTL_INPUT_REQUEST_FILES_H_

#include <istream>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "ccplace/v1/request.pb.h"

namespace ccplace::ctl {

struct ImageFile {
  v1::Image image;
  std::vector<v1::BlockDevice> devices;  // That it brings along: see image_devices.h.
};

// The one flavor (image) in a file, "-" for `in`. INVALID_ARGUMENT: it holds none or several, or it
// is one without properties, of which nothing can be said. Settings past the contract's limits that
// no rule reads are left out.
absl::StatusOr<v1::Flavor> ReadFlavor(const std::string& path, std::istream* in);
absl::StatusOr<ImageFile> ReadImage(const std::string& path, std::istream* in);

// Block devices of one --block-device: JSON ("{...}" or "[...]"), "key=value,...", or else the name
// of a file that holds JSON.
absl::StatusOr<std::vector<v1::BlockDevice>> ReadBlockDevices(const std::string& option,
                                                              std::istream* in);

}  // namespace ccplace::ctl

#endif  // CCPLACE_CLIENT_CTL_INPUT_REQUEST_FILES_H_
