// Every path that a request names, so that the host's files can be asked about each before the
// domain is built. Thread-safe: pure functions.
#ifndef CCPLACE_LIB_DOMAIN_DOMAIN_PATHS_H_
#define CCPLACE_LIB_DOMAIN_DOMAIN_PATHS_H_

#include <string>
#include <vector>

#include "ccplace/v1/domain.pb.h"

namespace ccplace {

// What a path is for, and so what kind of file it must name.
enum class PathRole {
  kDiskFile,           // A regular file.
  kQcow2File,          // A regular file that CheckQcow2Head must be asked about.
  kDiskDevice,         // A block device.
  kQcow2Device,        // A block device that CheckQcow2Head must be asked about.
  kVhostUserSocket,    // A socket that QEMU connects to.
  kVhostUserListener,  // A socket that QEMU makes: its folder.
  kSerialLog,          // A file that virtlogd makes or appends to: its folder.
  kQuoteSocket,        // A socket; may be missing until the guest wants a quote.
};

// One path of a request.
struct PathUse {
  std::string field;  // As "domain.disks[2].file.path".
  std::string path;   // As the request has it.
  PathRole role;
};

// Every path that `request` names, in the order of its fields; empty ones are left out.
std::vector<PathUse> PathsOf(const v1::DefineTdxDomainRequest& request);

// `request` with each path replaced by the one at the same place in `resolved` (as many as PathsOf
// gives), so that what was checked is what libvirt opens. A resolved path can be longer than the
// one it replaces: have ValidateDomainSpec look at the result.
v1::DefineTdxDomainRequest WithResolvedPaths(v1::DefineTdxDomainRequest request,
                                             const std::vector<std::string>& resolved);

}  // namespace ccplace

#endif  // CCPLACE_LIB_DOMAIN_DOMAIN_PATHS_H_
