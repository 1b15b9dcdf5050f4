#include "lib/hypervisor/libvirt_error.h"

#include <cerrno>
#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "lib/base/status.h"
#include "lib/base/text.h"
#include "lib/hypervisor/hypervisor.h"

namespace ccplace {
namespace {

// It can hold QEMU's own message, which is what an operator needs.
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

// libvirt says that a connection is read-only with a code of its own; that a login failed, and how,
// in words alone.
absl::string_view ReasonFor(const virError& error) {
  const absl::string_view text = error.message;
  switch (error.code) {
    case VIR_ERR_OPERATION_DENIED:
      return kLibvirtReadOnly;
    case VIR_ERR_AUTH_FAILED:
    case VIR_ERR_AUTH_CANCELLED:
      return absl::StrContains(text, "SASL") ? kLibvirtWantsSasl : kLibvirtRefusesUser;
    case VIR_ERR_AUTH_UNAVAILABLE:
      return kLibvirtRefusesUser;
    case VIR_ERR_SYSTEM_ERROR:
      return error.domain == VIR_FROM_RPC && absl::StrContains(text, "Permission denied")
                 ? kLibvirtRefusesUser
                 : "";
    default:
      return "";
  }
}

}  // namespace

absl::Status StatusFromLibvirt(const virError* error, absl::string_view attempted,
                               absl::StatusCode otherwise) {
  if (error == nullptr || error->code == VIR_ERR_OK || error->message == nullptr) {
    return absl::Status(otherwise, absl::StrCat(attempted, ": libvirt failed without an error"));
  }
  absl::Status status(
      CodeOf(*error, otherwise),
      absl::StrCat(attempted, ": libvirt: ", Printable(error->message, kTextLimitBytes)));
  const absl::string_view reason = ReasonFor(*error);
  return reason.empty() ? status : WithReason(std::move(status), reason);
}

bool IsPassingShortage(const virError* error) {
  if (error == nullptr || error->code != VIR_ERR_SYSTEM_ERROR) return false;
  for (const int passing : {EMFILE, ENFILE, ENOMEM, EAGAIN, EINTR}) {
    if (error->int1 == passing) return true;
  }
  return false;
}

absl::Status DomainHeldError(absl::string_view attempted, absl::string_view uuid) {
  return WithReason(absl::FailedPreconditionError(absl::StrCat(
                        attempted,
                        ": its QEMU does not answer libvirt, which gives out nothing of the domain "
                        "until it does; "
                        "a QEMU that waits for a vhost-user switch answers once the switch "
                        "connects: start it, or "
                        "have the domain stopped (UndefineTdxDomain with stop, or virsh destroy)")),
                    kDomainHeld, uuid);
}

absl::string_view AccessRemedy(const absl::Status& status) {
  const std::string reason = ReasonOf(status);
  if (reason == kLibvirtReadOnly) {
    return "this is libvirt's read-only socket (libvirt-sock-ro, virtqemud-sock-ro), over which "
           "nothing can be changed: have --libvirt_uri name the read-write one, or no socket at "
           "all";
  }
  if (reason == kLibvirtWantsSasl) {
    return "libvirt wants a SASL login on this socket, and ccplaced has no credentials: set "
           "auth_unix_rw = \"none\" or \"polkit\" in libvirtd.conf (or virtqemud.conf), restart "
           "libvirt, and let the socket's group decide which users may connect";
  }
  if (reason == kLibvirtRefusesUser) {
    return "libvirt does not let ccplaced's user in: run ccplaced as root, or have its user in "
           "group libvirt, to which polkit's rule and the socket's mode give access";
  }
  return "";
}

}  // namespace ccplace
