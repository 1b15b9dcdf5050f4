// libvirt's own schema of domains, as it is installed on the host.
#ifndef CCPLACE_LIB_LIFECYCLE_DOMAIN_SCHEMA_H_
#define CCPLACE_LIB_LIFECYCLE_DOMAIN_SCHEMA_H_

#include <string>

#include "absl/status/status.h"
#include "lib/host/host_files.h"

namespace ccplace {

// Where libvirt has it (libvirt, src/conf/schemas).
inline constexpr char kDomainSchema[] = "/usr/share/libvirt/schemas/domain.rng";

// What a validated definition (VIR_DOMAIN_DEFINE_VALIDATE) would have against `xml` before libvirt
// looks at what it means. FAILED_PRECONDITION: libvirt's words. OK also where the schema is not in
// sight, or is none: libvirt has the last word. Reads 16 files of 1 MiB at most; takes some ten
// milliseconds. Thread-safe.
[[nodiscard]] absl::Status CheckAgainstSchema(const HostFiles& files, const std::string& xml);

}  // namespace ccplace

#endif  // CCPLACE_LIB_LIFECYCLE_DOMAIN_SCHEMA_H_
