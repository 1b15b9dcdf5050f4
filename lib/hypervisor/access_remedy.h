// What to do where libvirt lets this daemon in no further. Thread-safe: pure functions.
#ifndef CCPLACE_LIB_HYPERVISOR_ACCESS_REMEDY_H_
#define CCPLACE_LIB_HYPERVISOR_ACCESS_REMEDY_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace ccplace {

// Reasons (ReasonOf) of errors of Hypervisor, by which cause and remedy are known.
inline constexpr absl::string_view kLibvirtReadOnly = "LIBVIRT_READ_ONLY";
inline constexpr absl::string_view kLibvirtWantsSasl = "LIBVIRT_WANTS_SASL";
inline constexpr absl::string_view kLibvirtRefusesUser = "LIBVIRT_REFUSES_USER";

// The cause and what to do about it, by the status' reason; empty for any other status.
absl::string_view AccessRemedy(const absl::Status& status);

}  // namespace ccplace

#endif  // CCPLACE_LIB_HYPERVISOR_ACCESS_REMEDY_H_
