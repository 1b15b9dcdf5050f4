// Which distribution the host runs, so that remedies name its packages.
#ifndef CCPLACE_LIB_HOST_DISTRIBUTION_H_
#define CCPLACE_LIB_HOST_DISTRIBUTION_H_

#include "lib/host/host_files.h"

namespace ccplace {

// Families that name their packages alike. kOther: another one, or not known.
enum class Distribution { kOther, kDebian, kFedora, kSuse };

// By ID and ID_LIKE of /etc/os-release, else of /usr/lib/os-release (os-release(5)): Ubuntu counts
// as Debian, CentOS, RHEL and their kin as Fedora. Never fails: what cannot be read is kOther.
// Thread-safe.
Distribution ReadDistribution(const HostFiles& files);

}  // namespace ccplace

#endif  // CCPLACE_LIB_HOST_DISTRIBUTION_H_
