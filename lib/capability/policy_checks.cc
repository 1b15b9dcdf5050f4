// Checks of the daemon's own options.
#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "lib/capability/checks.h"

namespace ccplace {
namespace {

// A trust domain's CPUID is virtualized by the TDX module: libvirt takes any mode at the
// definition, and QEMU 11.1 starts these alone.
bool StartsTrustDomains(absl::string_view mode) {
  return mode == "host-passthrough" || mode == "maximum";
}

// nova's rule.
bool IsQ35(absl::string_view machine_type) { return absl::StrContains(machine_type, "q35"); }

// Whether libvirt was asked and does not offer the mode.
bool IsModeRefused(const CheckInput& input) {
  if (!input.hypervisor.ok() || !input.hypervisor->domain_capabilities.ok()) return false;
  const std::vector<std::string>& modes = input.hypervisor->domain_capabilities->cpu_modes;
  return std::find(modes.begin(), modes.end(), input.options.cpu_mode) == modes.end();
}

}  // namespace

Finding CheckVirtType(const CheckInput& input) {
  const std::string& type = input.options.virt_type;
  if (type == "kvm") return Pass(type, "--virt_type");
  return Fail(type, "--virt_type", "set --virt_type=kvm (in nova: [libvirt] virt_type = kvm)");
}

Finding CheckCpuMode(const CheckInput& input) {
  const std::string& mode = input.options.cpu_mode;
  if (!StartsTrustDomains(mode)) {
    return Fail(mode, "--cpu_mode",
                "set --cpu_mode=host-passthrough (in nova: [libvirt] cpu_mode = host-passthrough)");
  }
  if (!IsModeRefused(input)) return Pass(mode, "--cpu_mode");
  return Fail(absl::StrCat(mode, ", which libvirt does not offer"),
              "--cpu_mode, libvirt domain capabilities <cpu>",
              absl::StrCat("make KVM usable: ", mode, " needs it"));
}

std::string ConfidentialMachineType(const std::string& default_machine_type) {
  return IsQ35(default_machine_type) ? default_machine_type : "q35";
}

// The machine type is a matter of the request: another default says only which requests must name
// theirs (nova tells operators to leave pc, and to set hw_machine_type=q35 on images).
Finding CheckMachineType(const CheckInput& input) {
  const std::string& machine = input.options.default_machine_type;
  if (IsQ35(machine)) return Pass(machine, "--default_machine_type");
  return Pass(
      absl::StrCat(machine, ": a request must name q35 (image property hw_machine_type=q35)"),
      "--default_machine_type");
}

}  // namespace ccplace
