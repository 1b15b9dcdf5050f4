// What the short names of machine types stand for, by libvirt's capabilities.
#ifndef CCPLACE_LIB_HYPERVISOR_MACHINE_ALIASES_H_
#define CCPLACE_LIB_HYPERVISOR_MACHINE_ALIASES_H_

#include <map>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace ccplace {

// From an alias ("q35") to the type that guests get by it ("pc-q35-11.1").
using MachineAliases = std::map<std::string, std::string>;

// Reads <guest><arch name='x86_64'><machine canonical='…'> (libvirt, formatcaps.html), which a
// read-only connection may read too. INVALID_ARGUMENT: malformed. Thread-safe.
absl::StatusOr<MachineAliases> ParseMachineAliases(absl::string_view capabilities_xml);

}  // namespace ccplace

#endif  // CCPLACE_LIB_HYPERVISOR_MACHINE_ALIASES_H_
