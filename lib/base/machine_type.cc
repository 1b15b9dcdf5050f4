#include "lib/base/machine_type.h"

#include "absl/strings/match.h"

namespace ccplace {

bool IsQ35(absl::string_view machine_type) { return absl::StrContains(machine_type, "q35"); }

std::string ConfidentialMachineType(const std::string& default_machine_type) {
  return IsQ35(default_machine_type) ? default_machine_type : "q35";
}

}  // namespace ccplace
