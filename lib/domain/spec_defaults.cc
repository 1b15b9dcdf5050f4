#include "lib/domain/spec_defaults.h"

#include <algorithm>

namespace ccplace {

uint32_t BootOrderOfDisk(const v1::TdxDomainSpec& spec, int index) {
  const uint32_t stated = spec.disks(index).boot_order();
  if (stated != 0 || index != 0) return stated;
  const auto states = [](const auto& device) { return device.boot_order() != 0; };
  const bool any = std::any_of(spec.disks().begin(), spec.disks().end(), states) ||
                   std::any_of(spec.interfaces().begin(), spec.interfaces().end(), states);
  return any ? 0 : 1;
}

v1::CpuTopology CpuTopologyOf(const v1::TdxDomainSpec& spec) {
  v1::CpuTopology topology = spec.cpu_topology();
  if (!spec.has_cpu_topology()) {
    topology.set_sockets(1);
    topology.set_cores(spec.vcpus());
    topology.set_threads(1);
  }
  if (topology.dies() == 0) topology.set_dies(1);
  return topology;
}

bool NeedsSharedMemory(const v1::TdxDomainSpec& spec) {
  const auto is_vhost_user = [](const v1::NetworkInterface& interface) {
    return interface.has_vhost_user();
  };
  return spec.memory_backing().shared() ||
         std::any_of(spec.interfaces().begin(), spec.interfaces().end(), is_vhost_user);
}

}  // namespace ccplace
