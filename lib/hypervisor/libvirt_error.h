// The one place where a libvirt error becomes a Status.
#ifndef CCPLACE_LIB_HYPERVISOR_LIBVIRT_ERROR_H_
#define CCPLACE_LIB_HYPERVISOR_LIBVIRT_ERROR_H_

#include <libvirt/virterror.h>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace ccplace {

// `error` (null, or with code VIR_ERR_OK: libvirt said nothing) as a status that is never OK, with
// `attempted` (what, on what: "start domain <uuid>") and libvirt's own text, made printable. Codes:
//
//   NOT_FOUND            no such domain
//   ALREADY_EXISTS       the domain exists
//   PERMISSION_DENIED    authentication or access
//   INVALID_ARGUMENT     an argument of the call
//   FAILED_PRECONDITION  not in this state; a definition, feature or CPU that libvirt refuses
//   UNIMPLEMENTED        the driver cannot do it at all
//   DEADLINE_EXCEEDED    libvirt gave up waiting for its own lock
//   RESOURCE_EXHAUSTED   no memory
//   UNAVAILABLE          the connection: not there, lost, broken
//   `otherwise`          everything that libvirt itself calls internal, failed, or a system error
//
// Where libvirt lets this daemon in no further it has a reason (hypervisor.h).
//
// Thread-safe: a pure function.
[[nodiscard]] absl::Status StatusFromLibvirt(const virError* error, absl::string_view attempted,
                                             absl::StatusCode otherwise);

// Whether `error` (may be null) says that libvirt ran out of something for the moment (file
// descriptors, memory), and so nothing of what it was asked. The errno of a system error is its
// int1 (src/util/virerror.c, virReportSystemErrorFull). Thread-safe: a pure function.
bool IsPassingShortage(const virError* error);

}  // namespace ccplace

#endif  // CCPLACE_LIB_HYPERVISOR_LIBVIRT_ERROR_H_
