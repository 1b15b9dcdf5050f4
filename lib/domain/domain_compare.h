// What is not as it was asked for. Thread-safe: pure functions.
#ifndef CCPLACE_LIB_DOMAIN_DOMAIN_COMPARE_H_
#define CCPLACE_LIB_DOMAIN_DOMAIN_COMPARE_H_

#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "ccplace/v1/domain.pb.h"

namespace ccplace {

// Every difference between `asked`, as BuildDomainXml writes it, and `found`, as libvirt holds that
// side of the domain: with what libvirt fills in by itself it is no difference. The firmware's path
// is none of them, for `asked` leaves it to libvirt. INVALID_ARGUMENT: one of them is no domain.
absl::StatusOr<std::vector<v1::DomainDifference>> CompareDomainXml(absl::string_view asked,
                                                                   absl::string_view found,
                                                                   v1::DomainSide side);

}  // namespace ccplace

#endif  // CCPLACE_LIB_DOMAIN_DOMAIN_COMPARE_H_
