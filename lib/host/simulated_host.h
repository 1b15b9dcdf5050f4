// The files of a TDX host that does not exist, for `ccplaced --simulate`.
#ifndef CCPLACE_LIB_HOST_SIMULATED_HOST_H_
#define CCPLACE_LIB_HOST_SIMULATED_HOST_H_

#include <cstdint>
#include <memory>
#include <string>

#include "lib/host/in_memory_host_files.h"

namespace ccplace {

// TDX private KeyIDs for guests on the simulated host, as on a two-socket server with TME-MT split
// in half.
inline constexpr uint64_t kSimulatedKeys = 63;

// An image of 64 KiB of zeroes with TDX metadata as OVMF has it (Intel TDX Virtual Firmware Design
// Guide): a variable store of one page at its beginning, and a firmware volume of one page at its
// end that is measured. Nothing boots from it.
std::string SimulatedTdxFirmware();

// What it hashes and measures to, in hexadecimal digits, so that no simulated host has to compute
// it: a test does.
inline constexpr char kSimulatedFirmwareSha384[] =
    "a9bae495c7bced3bcdfe33e996306649f1a01290fd74a02085bd934d8fe8e42c"
    "872c63fa51beacc680fa596283b73ee8";
inline constexpr char kSimulatedFirmwareMrtd[] =
    "d001b2df088cd520e92a6a4af63ffbae0496119498341c12da5f9ed152ce86bc"
    "2aaebd2464151360f94b2094cbd30ad5";

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
