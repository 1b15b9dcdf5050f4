#include "lib/hypervisor/libvirt_error.h"

#include "absl/strings/str_cat.h"
#include "lib/base/text.h"

namespace ccplace {
namespace {

// QEMU's own words can stand in it, and they are what an operator needs.
constexpr size_t kTextLimitBytes = 1024;

// Errors of the client library's own transport; a daemon's errors carry its driver's domain
// (libvirt src/rpc/virnetclient.c, src/remote/remote_driver.c).
bool IsOfTransport(const virError& error) {
  return error.domain == VIR_FROM_RPC || error.domain == VIR_FROM_REMOTE;
}

absl::StatusCode CodeOf(const virError& error, absl::StatusCode otherwise) {
  switch (error.code) {
    case VIR_ERR_NO_DOMAIN:
      return absl::StatusCode::kNotFound;
    case VIR_ERR_DOM_EXIST:
      return absl::StatusCode::kAlreadyExists;
    case VIR_ERR_AUTH_FAILED:
    case VIR_ERR_AUTH_CANCELLED:
    case VIR_ERR_AUTH_UNAVAILABLE:
    case VIR_ERR_ACCESS_DENIED:
    case VIR_ERR_OPERATION_DENIED:
      return absl::StatusCode::kPermissionDenied;
    case VIR_ERR_INVALID_ARG:
      return absl::StatusCode::kInvalidArgument;
    case VIR_ERR_OPERATION_INVALID:
    case VIR_ERR_OPERATION_UNSUPPORTED:
    case VIR_ERR_ARGUMENT_UNSUPPORTED:
    case VIR_ERR_CONFIG_UNSUPPORTED:
    case VIR_ERR_CPU_INCOMPATIBLE:
    case VIR_ERR_XML_ERROR:
    case VIR_ERR_XML_DETAIL:
    case VIR_ERR_XML_INVALID_SCHEMA:
    case VIR_ERR_OS_TYPE:
    case VIR_ERR_NO_OS:
    case VIR_ERR_NO_NAME:
      return absl::StatusCode::kFailedPrecondition;
    case VIR_ERR_NO_SUPPORT:
      return absl::StatusCode::kUnimplemented;
    case VIR_ERR_OPERATION_TIMEOUT:
      return absl::StatusCode::kDeadlineExceeded;
    case VIR_ERR_NO_MEMORY:
      return absl::StatusCode::kResourceExhausted;
    case VIR_ERR_NO_CONNECT:
    case VIR_ERR_INVALID_CONN:
    case VIR_ERR_RPC:
    case VIR_ERR_GNUTLS_ERROR:
    case VIR_ERR_SSH:
    case VIR_ERR_LIBSSH:
      return absl::StatusCode::kUnavailable;
    default:
      return IsOfTransport(error) ? absl::StatusCode::kUnavailable : otherwise;
  }
}

}  // namespace

absl::Status StatusFromLibvirt(const virError* error, absl::string_view attempted,
                               absl::StatusCode otherwise) {
  if (error == nullptr || error->code == VIR_ERR_OK || error->message == nullptr) {
    return absl::Status(otherwise, absl::StrCat(attempted, ": libvirt failed without an error"));
  }
  return absl::Status(
      CodeOf(*error, otherwise),
      absl::StrCat(attempted, ": libvirt: ", Printable(error->message, kTextLimitBytes)));
}

}  // namespace ccplace
