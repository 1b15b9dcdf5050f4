// What the running kernel was built with.
#ifndef CCPLACE_LIB_HOST_KERNEL_CONFIG_H_
#define CCPLACE_LIB_HOST_KERNEL_CONFIG_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "lib/host/host_files.h"

namespace ccplace {

// A kernel's configuration, and the file that has it.
struct KernelConfig {
  std::string text;
  std::string path;
};

// That of the kernel of this `release` (as `uname -r`): from /boot/config-RELEASE, which
// distributions install, else from /proc/config.gz, which a kernel shows with CONFIG_IKCONFIG_PROC.
// NOT_FOUND: neither is there; INVALID_ARGUMENT: no such release, or no configuration;
// OUT_OF_RANGE: longer than any. The codes of HostFiles otherwise. Reads up to 4 MiB: for threads
// that read files. Thread-safe.
absl::StatusOr<KernelConfig> ReadKernelConfig(const HostFiles& files, absl::string_view release);

// Whether the kernel was built with `option`, as "CONFIG_INTEL_TDX_HOST", built in or as a module.
bool IsBuiltWith(const KernelConfig& config, absl::string_view option);

}  // namespace ccplace

#endif  // CCPLACE_LIB_HOST_KERNEL_CONFIG_H_
