#include "lib/hypervisor/access_remedy.h"

#include <string>

#include "lib/base/status.h"

namespace ccplace {

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
