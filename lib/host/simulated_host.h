// The files of a TDX host that does not exist, for `ccplaced --simulate`.
#ifndef CCPLACE_LIB_HOST_SIMULATED_HOST_H_
#define CCPLACE_LIB_HOST_SIMULATED_HOST_H_

#include <cstdint>
#include <memory>

#include "lib/host/in_memory_host_files.h"

namespace ccplace {

// TDX private KeyIDs for guests on the simulated host, as on a two-socket server with TME-MT split
// in half.
inline constexpr uint64_t kSimulatedKeys = 63;

// A host with kvm_intel.tdx on, kSimulatedKeys keys of which none is in use, Debian's TDX firmware
// descriptor and a stand-in for the firmware itself, a Quote Generation Service that takes
// connections, and disk images to define guests with: /var/lib/libvirt/images/demo.qcow2 and
// demo.raw.
std::unique_ptr<InMemoryHostFiles> MakeSimulatedHost();

// Makes the simulated kernel count `keys` in use (misc.current), capped at kSimulatedKeys: to be
// called whenever the number of running simulated guests changes.
void SetSimulatedKeysInUse(InMemoryHostFiles& host, uint64_t keys);

}  // namespace ccplace

#endif  // CCPLACE_LIB_HOST_SIMULATED_HOST_H_
