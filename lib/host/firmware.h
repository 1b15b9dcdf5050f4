// Guest firmware that the host offers: QEMU's firmware descriptors.
#ifndef CCPLACE_LIB_HOST_FIRMWARE_H_
#define CCPLACE_LIB_HOST_FIRMWARE_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "lib/host/access_steps.h"
#include "lib/host/host_files.h"

namespace ccplace {

// For which guests a firmware is: one architecture, and shell patterns of machine types.
struct FirmwareTarget {
  std::string architecture;
  std::vector<std::string> machines;
};

// One descriptor, as far as it matters here (QEMU, docs/interop/firmware.json).
struct FirmwareDescriptor {
  std::string path;    // Of the descriptor.
  std::string device;  // mapping.device: "memory", "flash" or "kernel".
  std::string mode;    // Of flash: "split" (where none is stated), "combined" or "stateless".
  bool has_variable_store = false;  // Of memory: mapping.uefi-vars, which no stateless guest has.
  std::string filename;             // The firmware itself, as the host sees it.
  absl::Status file;                // OK when `filename` is a regular file on the host.
  // From "/" to that file.
  absl::StatusOr<std::vector<AccessStep>> steps = absl::UnknownError("not read yet");
  std::vector<std::string> interface_types;
  std::vector<FirmwareTarget> targets;
  std::vector<std::string> features;
};

// What the host offers. A plain value.
struct FirmwareCatalog {
  // By file name, the order of precedence. Masked ones are left out.
  std::vector<FirmwareDescriptor> descriptors;
  // What could not be read or understood: a descriptor or a whole folder. If there is one, a
  // firmware that is not in the list may exist nevertheless.
  std::vector<absl::Status> problems;
  // Another one, in this process, after every change of a folder or of a descriptor in force; also
  // of one that could not be understood here, and after two changes that cancel each other out.
  size_t state = 0;
};

// Reads /usr/share/qemu/firmware and /etc/qemu/firmware. A name in the latter masks the same name
// in the former; an empty file masks and offers nothing. Only what leads to a regular file counts:
// a link to /dev/null masks nothing (libvirt, src/qemu/qemu_interop_config.c), and a link that
// leads nowhere is a problem. At most 256 descriptors of at most 64 KiB each. A folder that does
// not exist is empty; but every host has /usr/share, so where that is missing its file system is
// not in sight, and the catalog has the problem FAILED_PRECONDITION.
FirmwareCatalog ReadFirmwareCatalog(const HostFiles& files);

// What `json`, read from `path`, describes; `file` is left OK. INVALID_ARGUMENT names the field
// that is missing or of the wrong form.
absl::StatusOr<FirmwareDescriptor> ParseFirmwareDescriptor(absl::string_view path,
                                                           absl::string_view json);

// Whether the descriptor is for this guest. `machine` is the full type, as "pc-q35-9.2".
bool IsForMachine(const FirmwareDescriptor& descriptor, absl::string_view architecture,
                  const std::string& machine);

// Whether the descriptor lists `feature`, as "intel-tdx".
bool HasFeature(const FirmwareDescriptor& descriptor, absl::string_view feature);

}  // namespace ccplace

#endif  // CCPLACE_LIB_HOST_FIRMWARE_H_
