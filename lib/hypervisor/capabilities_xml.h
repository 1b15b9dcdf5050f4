// What libvirt's capabilities say of the host: the user that QEMU runs as, and what the short names
// of machine types stand for.
#ifndef CCPLACE_LIB_HYPERVISOR_CAPABILITIES_XML_H_
#define CCPLACE_LIB_HYPERVISOR_CAPABILITIES_XML_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace ccplace {

// The user that QEMU runs as. A plain value.
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

// From an alias ("q35") to the type that guests get by it ("pc-q35-11.1").
using MachineAliases = std::map<std::string, std::string>;

// Reads <guest><arch name='x86_64'><machine canonical='…'> (libvirt, formatcaps.html), which a
// read-only connection may read too. INVALID_ARGUMENT: malformed. Thread-safe.
absl::StatusOr<MachineAliases> ParseMachineAliases(absl::string_view capabilities_xml);

}  // namespace ccplace

#endif  // CCPLACE_LIB_HYPERVISOR_CAPABILITIES_XML_H_
