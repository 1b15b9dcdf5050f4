// Which machine types confidential guests can have. Thread-safe: pure functions.
#ifndef CCPLACE_LIB_BASE_MACHINE_TYPE_H_
#define CCPLACE_LIB_BASE_MACHINE_TYPE_H_

#include <string>

#include "absl/strings/string_view.h"

namespace ccplace {

// nova's rule: the name has "q35" in it.
bool IsQ35(absl::string_view machine_type);

// The machine type that confidential guests of a host get, and that libvirt is asked about: the
// policy's default where it is a q35 one, else "q35", which a request then must name.
std::string ConfidentialMachineType(const std::string& default_machine_type);

}  // namespace ccplace

#endif  // CCPLACE_LIB_BASE_MACHINE_TYPE_H_
