// Which of the host's paths a trust domain may use.
#ifndef CCPLACE_LIB_LIFECYCLE_PATH_POLICY_H_
#define CCPLACE_LIB_LIFECYCLE_PATH_POLICY_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "ccplace/v1/domain.pb.h"
#include "lib/host/host_files.h"

namespace ccplace {

// Folders (absolute, without "." and "..") that paths of a request must lie in once symbolic links
// are resolved. A folder that is itself a link means its target; one that is not there
// allows nothing. Default: nothing is allowed.
struct PathPolicy {
  std::vector<std::string> disk_prefixes;
  std::vector<std::string> log_prefixes;
  std::vector<std::string> socket_prefixes;  // vhost-user's and the quote service's.
};

// Whether `path` lies below the folder `prefix`, by their text alone.
bool IsBelow(absl::string_view path, absl::string_view prefix);

// Checks every path of `request` (which passed ValidateDomainSpec) against `policy`, and answers
// with a copy in which each path is the one that was checked, so that no link can be turned
// elsewhere afterwards. A block device's name as given must lie below a prefix; it is kept where
// root alone can have it lead elsewhere (/dev/disk/by-id/...): the kernel's own (/dev/dm-3) may be
// another volume after a reboot. Such a name may lead to a device outside the prefixes.
// `quote_service_path` is the daemon's own and always allowed.
//
// PERMISSION_DENIED: outside the prefixes. FAILED_PRECONDITION: not there, of the wrong kind, the
// Quote Generation Service's socket for another use, or a QCOW2 image that refers to other files.
// Other codes are HostFiles'. Reads the file system: may block.
absl::StatusOr<v1::DefineTdxDomainRequest> ResolvePaths(const HostFiles& files,
                                                        const PathPolicy& policy,
                                                        absl::string_view quote_service_path,
                                                        const v1::DefineTdxDomainRequest& request);

}  // namespace ccplace

#endif  // CCPLACE_LIB_LIFECYCLE_PATH_POLICY_H_
