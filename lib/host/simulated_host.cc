#include "lib/host/simulated_host.h"

#include <algorithm>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "lib/host/misc_cgroup.h"
#include "lib/host/simulated_firmware.h"

namespace ccplace {
namespace embedded {

// Made from the file by ccplace_embed (cmake/CcplaceEmbed.cmake).
extern const char simulated_firmware_descriptor[];

}  // namespace embedded

namespace {

void AddKernel(InMemoryHostFiles& host) {
  host.WriteFile("/proc/sys/kernel/osrelease", "6.18.0-ccplace-simulated\n");
  host.WriteFile("/proc/sys/kernel/arch", "x86_64\n");
  host.WriteFile("/sys/module/kvm_intel/parameters/tdx", "Y\n");
  host.WriteFile("/sys/power/disk", "[disabled]\n");
  host.WriteFile("/sys/fs/cgroup/misc.capacity", absl::StrCat("tdx ", kSimulatedKeys, "\n"));
  SetSimulatedKeysInUse(host, 0);
}

void AddFirmware(InMemoryHostFiles& host) {
  host.WriteFile("/usr/share/qemu/firmware/60-edk2-x86_64-inteltdx.json",
                 embedded::simulated_firmware_descriptor);
  host.WriteFile("/usr/share/ovmf/OVMF.inteltdx.ms.fd", SimulatedTdxFirmware());
}

}  // namespace

std::unique_ptr<InMemoryHostFiles> MakeSimulatedHost() {
  auto host = std::make_unique<InMemoryHostFiles>();
  AddKernel(*host);
  AddFirmware(*host);
  host->MakeLink("/var/run", "/run");
  host->WriteFile("/etc/passwd", "libvirt-qemu:x:64055:64055::/var/lib/libvirt:/bin/false\n");
  host->WriteFile("/etc/group", "libvirt-qemu:x:64055:\nqgsd:x:980:libvirt-qemu\n");
  host->MakeSocket("/run/tdx-qgs/qgs.socket", absl::OkStatus());
  host->SetAccess("/run/tdx-qgs/qgs.socket", {980, 980, 0660, false});
  host->WriteFile("/var/lib/libvirt/images/demo.qcow2", "");
  host->WriteFile("/var/lib/libvirt/images/demo.raw", "");
  host->MakeDirectory("/var/log/libvirt/qemu");
  return host;
}

void SetSimulatedKeysInUse(InMemoryHostFiles& host, uint64_t keys) {
  const uint64_t shown = std::min(keys, kSimulatedKeys);
  host.WriteFile("/sys/fs/cgroup/misc.current", absl::StrCat("tdx ", shown, "\n"));
  const MiscCgroup counts = ReadMiscCgroup(host);
  const uint64_t peak = counts.peak.ok() ? counts.peak->Count("tdx").value_or(0) : 0;
  host.WriteFile("/sys/fs/cgroup/misc.peak", absl::StrCat("tdx ", std::max(peak, shown), "\n"));
}

}  // namespace ccplace
