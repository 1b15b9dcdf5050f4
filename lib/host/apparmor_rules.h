// What AppArmor's profile for libvirt's guests says of a socket, as its files have it.
#ifndef CCPLACE_LIB_HOST_APPARMOR_RULES_H_
#define CCPLACE_LIB_HOST_APPARMOR_RULES_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "lib/host/host_files.h"

namespace ccplace {

// What libvirt copies into the profile of each guest that starts (src/security/virt-aa-helper.c),
// and where additions of one's own go (libvirt 9.0 and later).
inline constexpr absl::string_view kGuestProfile = "/etc/apparmor.d/libvirt/TEMPLATE.qemu";
inline constexpr absl::string_view kGuestProfileAdditions =
    "/etc/apparmor.d/abstractions/libvirt-qemu.d";

// The file with the rule that lets guests read and write `path`, which has no links in it: what a
// connection to a socket needs (apparmor.d(5)). Rules are looked for in kGuestProfile and what it
// includes. Only what is written there is judged: NOT_FOUND says that no rule names the path, not
// that the kernel refuses it (one that does not mediate sockets lets it pass).
// FAILED_PRECONDITION: a rule denies it; the message names the file. Any other code: a file could
// not be read. Rules for owners alone, in sub-profiles, under conditions and with variables other
// than @{run} are no proof and count as none. At most 128 files of 256 KiB.
absl::StatusOr<std::string> FindGuestSocketRule(const HostFiles& files, absl::string_view path);

}  // namespace ccplace

#endif  // CCPLACE_LIB_HOST_APPARMOR_RULES_H_
