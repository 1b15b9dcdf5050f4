// QEMU's command line, as libvirt translates a domain into it.
#ifndef CCPLACE_LIB_HYPERVISOR_COMMAND_LINE_H_
#define CCPLACE_LIB_HYPERVISOR_COMMAND_LINE_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace ccplace {

// Longest command line that is looked at.
inline constexpr size_t kCommandLineLimitBytes = size_t{1024} * 1024;

// Path of the guest's firmware: of -bios, or of the first flash (libvirt, src/qemu/qemu_command.c:
// block node libvirt-pflash0-storage). `command_line` is quoted for a shell, as libvirt's
// "qemu-argv" is. NOT_FOUND: it names none; INVALID_ARGUMENT: too long, or not to be understood.
// Thread-safe.
absl::StatusOr<std::string> FirmwareOfCommandLine(absl::string_view command_line);

}  // namespace ccplace

#endif  // CCPLACE_LIB_HYPERVISOR_COMMAND_LINE_H_
