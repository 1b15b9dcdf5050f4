// The firmware image of the simulated host.
#ifndef CCPLACE_LIB_HOST_SIMULATED_FIRMWARE_H_
#define CCPLACE_LIB_HOST_SIMULATED_FIRMWARE_H_

#include <string>

namespace ccplace {

// An image of 64 KiB of zeroes with TDX metadata as OVMF has it (Intel TDX Virtual Firmware Design
// Guide): a variable store of one page at its beginning, and a firmware volume of one page at its
// end that is measured. Nothing boots from it.
std::string SimulatedTdxFirmware();

}  // namespace ccplace

#endif  // CCPLACE_LIB_HOST_SIMULATED_FIRMWARE_H_
