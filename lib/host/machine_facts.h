// What the machine under the kernel is: microcode, firmware setup, and whether it can hibernate.
#ifndef CCPLACE_LIB_HOST_MACHINE_FACTS_H_
#define CCPLACE_LIB_HOST_MACHINE_FACTS_H_

#include <string>

#include "absl/status/statusor.h"
#include "lib/host/host_files.h"

namespace ccplace {

// Facts of one reading; a plain value. Each holds why it could not be read, as KernelFacts do.
struct MachineFacts {
  // Revision that the first processor runs, as "0x2b000643"
  // (Documentation/ABI/testing/sysfs-devices-system-cpu).
  absl::StatusOr<std::string> microcode = absl::UnknownError("not read yet");
  // Of the BIOS, as its vendor writes them (Documentation/ABI/testing/sysfs-firmware-dmi-tables:
  // /sys/class/dmi/id).
  absl::StatusOr<std::string> bios_version = absl::UnknownError("not read yet");
  absl::StatusOr<std::string> bios_date = absl::UnknownError("not read yet");
  // /sys/power/disk: "[disabled]" where hibernation is ruled out; NOT_FOUND: this kernel has none
  // (Documentation/ABI/testing/sysfs-power). UNAVAILABLE: /sys/power cannot be looked into.
  absl::StatusOr<std::string> hibernation = absl::UnknownError("not read yet");
};

MachineFacts ReadMachineFacts(const HostFiles& files);

}  // namespace ccplace

#endif  // CCPLACE_LIB_HOST_MACHINE_FACTS_H_
