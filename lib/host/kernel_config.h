// What the running kernel was built with.
#ifndef CCPLACE_LIB_HOST_KERNEL_CONFIG_H_
#define CCPLACE_LIB_HOST_KERNEL_CONFIG_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "lib/host/host_files.h"

namespace ccplace {

// One option of the kernel's configuration, and the file that says so.
struct KernelOption {
  bool is_on = false;  // Built in, or as a module.
  std::string path;
};

// Whether the kernel of this `release` (as `uname -r`) was built with `option`, as
// "CONFIG_INTEL_TDX_HOST": from /boot/config-RELEASE, which distributions install, else from
// /proc/config.gz, which a kernel shows with CONFIG_IKCONFIG_PROC. NOT_FOUND: neither is there;
// INVALID_ARGUMENT: no such release, or no configuration; OUT_OF_RANGE: longer than any. The codes
// of HostFiles otherwise. Reads up to 4 MiB: for threads that read files. Thread-safe.
absl::StatusOr<KernelOption> ReadKernelOption(const HostFiles& files, absl::string_view release,
                                              absl::string_view option);

}  // namespace ccplace

#endif  // CCPLACE_LIB_HOST_KERNEL_CONFIG_H_
