// The user that QEMU runs as, from libvirt's capabilities.
#ifndef CCPLACE_LIB_HYPERVISOR_QEMU_USER_H_
#define CCPLACE_LIB_HYPERVISOR_QEMU_USER_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace ccplace {

// A plain value.
struct QemuUser {
  uint32_t uid = 0;
  uint32_t gid = 0;
  // Other security models that libvirt confines it by: "apparmor", "selinux".
  std::vector<std::string> confined_by;
};

// Reads <host><secmodel>: of the model "dac" the base label for KVM guests, "+uid:+gid" (libvirt,
// formatcaps.html; src/security/security_dac.c). INVALID_ARGUMENT: malformed; NOT_FOUND: it states
// none. Thread-safe.
absl::StatusOr<QemuUser> ParseQemuUser(absl::string_view capabilities_xml);

}  // namespace ccplace

#endif  // CCPLACE_LIB_HYPERVISOR_QEMU_USER_H_
