// The firmware image of the simulated host.
#ifndef CCPLACE_LIB_HOST_SIMULATED_FIRMWARE_H_
#define CCPLACE_LIB_HOST_SIMULATED_FIRMWARE_H_

#include <string>

namespace ccplace {

// An image of two pages of zeroes with TDX metadata as OVMF has it (Intel TDX Virtual Firmware
// Design Guide): a variable store, and a firmware volume that is measured. Nothing boots from it.
std::string SimulatedTdxFirmware();

}  // namespace ccplace

#endif  // CCPLACE_LIB_HOST_SIMULATED_FIRMWARE_H_
