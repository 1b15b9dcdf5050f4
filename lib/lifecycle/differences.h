// What somebody changed about a domain since this service defined it. Thread-safe: pure functions.
#ifndef CCPLACE_LIB_LIFECYCLE_DIFFERENCES_H_
#define CCPLACE_LIB_LIFECYCLE_DIFFERENCES_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "ccplace/v1/domain.pb.h"
#include "lib/hypervisor/hypervisor.h"

namespace ccplace {

// Everything about `domain` that is not as `asked` (XML of BuildDomainXml), of its definition and,
// where it is active, of the guest. INTERNAL when XML cannot be read.
absl::StatusOr<std::vector<v1::DomainDifference>> FindDifferences(absl::string_view asked,
                                                                  const DomainDescription& domain);

// "domain.memory_mib of the definition: 4096, asked for 2048; ...", bounded.
std::string DifferencesText(const std::vector<v1::DomainDifference>& differences);

}  // namespace ccplace

#endif  // CCPLACE_LIB_LIFECYCLE_DIFFERENCES_H_
