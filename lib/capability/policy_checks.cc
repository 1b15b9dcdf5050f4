// Checks of the daemon's own options.
#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "lib/capability/checks.h"

namespace ccplace {
namespace {

constexpr absl::string_view kCpuMode = "host-passthrough";

// Whether libvirt was asked and does not offer the mode.
bool IsModeRefused(const CheckInput& input) {
  if (!input.hypervisor.ok() || !input.hypervisor->domain_capabilities.ok()) return false;
  const std::vector<std::string>& modes = input.hypervisor->domain_capabilities->cpu_modes;
  return std::find(modes.begin(), modes.end(), kCpuMode) == modes.end();
}

}  // namespace

Finding CheckVirtType(const CheckInput& input) {
  const std::string& type = input.options.virt_type;
  if (type == "kvm") return Pass(type, "--virt_type");
  return Fail(type, "--virt_type", "set --virt_type=kvm (in nova: [libvirt] virt_type = kvm)");
}

// A trust domain's CPUID is virtualized by the TDX module: libvirt takes other modes at define and
// fails at start.
Finding CheckCpuMode(const CheckInput& input) {
  const std::string& mode = input.options.cpu_mode;
  if (mode != kCpuMode) {
    return Fail(mode, "--cpu_mode",
                "set --cpu_mode=host-passthrough (in nova: [libvirt] cpu_mode = host-passthrough)");
  }
  if (!IsModeRefused(input)) return Pass(mode, "--cpu_mode");
  return Fail(absl::StrCat(mode, ", which libvirt does not offer"),
              "--cpu_mode, libvirt domain capabilities <cpu>",
              "make KVM usable: host-passthrough needs it");
}

// nova's rule: the type's name holds "q35".
Finding CheckMachineType(const CheckInput& input) {
  const std::string& machine = input.options.default_machine_type;
  if (absl::StrContains(machine, "q35")) return Pass(machine, "--default_machine_type");
  return Fail(machine, "--default_machine_type",
              "set --default_machine_type=q35 (in nova: [libvirt] hw_machine_type = x86_64=q35)");
}

}  // namespace ccplace
