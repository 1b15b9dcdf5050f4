// Domain capabilities for the simulated host, compiled in.
#ifndef CCPLACE_LIB_HYPERVISOR_SIMULATED_DOMAIN_CAPABILITIES_H_
#define CCPLACE_LIB_HYPERVISOR_SIMULATED_DOMAIN_CAPABILITIES_H_

#include "absl/strings/string_view.h"

namespace ccplace {

// What libvirt 12.8 with QEMU 11.1 printed of machine q35 and virt type kvm on a TDX host, whole
// (data/libvirt-12.8-qemu-11.1-kvm-q35-tdx.xml). Lives as long as the program. Thread-safe.
absl::string_view SimulatedDomainCapabilitiesXml();

}  // namespace ccplace

#endif  // CCPLACE_LIB_HYPERVISOR_SIMULATED_DOMAIN_CAPABILITIES_H_
