// Checks of the daemon's own options.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "lib/base/machine_type.h"
#include "lib/capability/checks/checks.h"

namespace ccplace {
namespace {

// A trust domain's CPUID is virtualized by the TDX module: libvirt takes any mode at the
// definition, and QEMU 11.1 starts these alone.
bool StartsTrustDomains(absl::string_view mode) {
  return mode == "host-passthrough" || mode == "maximum";
}

// Whether libvirt was asked and does not offer the mode.
bool IsModeRefused(const CheckInput& input) {
  if (!input.hypervisor.ok() || !input.hypervisor->domain_capabilities.ok()) return false;
  const std::vector<std::string>& modes = input.hypervisor->domain_capabilities->cpu_modes;
  return std::find(modes.begin(), modes.end(), input.options.cpu_mode) == modes.end();
}

}  // namespace

Finding CheckVirtType(const CheckInput& input) {
  const std::string& type = input.options.virt_type;
  const std::string& source = input.options.virt_type_source;
  if (type == "kvm") return Pass(type, source);
  return Fail(type, source, "set --virt_type=kvm (in nova: [libvirt] virt_type = kvm)");
}

Finding CheckCpuMode(const CheckInput& input) {
  const std::string& mode = input.options.cpu_mode;
  const std::string& source = input.options.cpu_mode_source;
  if (!StartsTrustDomains(mode)) {
    return Fail(mode, source,
                "set --cpu_mode=host-passthrough (in nova: [libvirt] cpu_mode = host-passthrough)");
  }
  if (!IsModeRefused(input)) return Pass(mode, source);
  return Fail(absl::StrCat(mode, ", which libvirt does not offer"),
              absl::StrCat(source, ", libvirt domain capabilities <cpu>"),
              absl::StrCat("make KVM usable: ", mode, " needs it"));
}

void TakeFromNova(const absl::StatusOr<NovaConfig>& nova, const std::set<std::string>& stated,
                  CapabilityOptions& options) {
  if (!nova.ok()) return;
  const auto take = [&](const char* flag, const char* novas, auto& value, const auto& theirs,
                        std::string& source) {
    if (stated.count(flag) > 0) return;
    const auto file = nova->stated_in.find(novas);
    value = theirs;
    source = file != nova->stated_in.end() ? absl::StrCat("[libvirt] ", novas, " in ", file->second)
                                           : absl::StrCat("nova's default of [libvirt] ", novas);
  };
  take("cpu_mode", "cpu_mode", options.cpu_mode, nova->cpu_mode, options.cpu_mode_source);
  take("virt_type", "virt_type", options.virt_type, nova->virt_type, options.virt_type_source);
  take("default_machine_type", "hw_machine_type", options.default_machine_type, nova->machine_type,
       options.machine_type_source);
  take("tdx_guest_limit", "num_intel_tdx_guests", options.tdx_guest_limit, nova->tdx_guests,
       options.tdx_guest_limit_source);
}

// The machine type is a matter of the request: another default says only which requests must name
// theirs (nova advises operators to leave pc, and to set hw_machine_type=q35 on images).
Finding CheckMachineType(const CheckInput& input) {
  const std::string& machine = input.options.default_machine_type;
  const std::string& source = input.options.machine_type_source;
  if (IsQ35(machine)) return Pass(machine, source);
  return Pass(
      absl::StrCat(machine, ": a request must name q35 (image property hw_machine_type=q35)"),
      source);
}

}  // namespace ccplace
