// Owners and modes on the way to a file.
#ifndef CCPLACE_LIB_HOST_ACCESS_STEPS_H_
#define CCPLACE_LIB_HOST_ACCESS_STEPS_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "lib/host/host_files.h"

namespace ccplace {

// A folder on the way, or what it leads to.
struct AccessStep {
  std::string path;  // Without links.
  FileAccess access;
};

// From "/" to what `path` leads to once links are followed. Fails with the codes of HostFiles.
// Thread-safe.
absl::StatusOr<std::vector<AccessStep>> ReadAccessSteps(const HostFiles& files,
                                                        const std::string& path);

}  // namespace ccplace

#endif  // CCPLACE_LIB_HOST_ACCESS_STEPS_H_
