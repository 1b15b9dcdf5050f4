// What the running kernel says of itself.
#ifndef CCPLACE_LIB_HOST_KERNEL_FACTS_H_
#define CCPLACE_LIB_HOST_KERNEL_FACTS_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "lib/host/host_files.h"

namespace ccplace {

// Facts of one reading; a plain value. They are independent: one that could not be read holds
// why (NOT_FOUND: it is not there; INVALID_ARGUMENT: it is there and makes no sense; the codes of
// HostFiles otherwise).
struct KernelFacts {
  absl::StatusOr<std::string> release = absl::UnknownError("not read yet");       // `uname -r`
  absl::StatusOr<std::string> architecture = absl::UnknownError("not read yet");  // `uname -m`
  // Version of the TDX module (the kernel's tdx_host device, since Linux 7.2).
  absl::StatusOr<std::string> tdx_module = absl::UnknownError("not read yet");
  // Module parameters: whether the kernel itself brought the model up.
  absl::StatusOr<bool> tdx = absl::UnknownError("not read yet");
  absl::StatusOr<bool> sev = absl::UnknownError("not read yet");
  absl::StatusOr<bool> sev_es = absl::UnknownError("not read yet");
  absl::StatusOr<bool> sev_snp = absl::UnknownError("not read yet");
  // How many ASIDs of the SEV-ES pool are kept for SEV-SNP guests with ciphertext hiding (Linux
  // 6.18). NOT_FOUND: this kernel knows no such thing.
  absl::StatusOr<uint64_t> ciphertext_hiding_asids = absl::UnknownError("not read yet");
};

// Reads all of them. `machine` is the architecture to take where the kernel has no
// /proc/sys/kernel/arch (before Linux 6.1): RunningMachine() outside of tests; empty: none.
KernelFacts ReadKernelFacts(const HostFiles& files, absl::string_view machine);

// The switch of a loaded kernel module: Y and 1 are true, N and 0 false. NOT_FOUND says whether the
// module is not loaded or has no such parameter; UNAVAILABLE when /sys/module itself is not there
// to look into; INVALID_ARGUMENT for any other content. `module` and `parameter` are names of the
// kernel's, never foreign text.
absl::StatusOr<bool> ReadModuleSwitch(const HostFiles& files, absl::string_view module,
                                      absl::string_view parameter);

// Where that switch is read (Documentation/ABI/stable/sysfs-module).
std::string ModuleSwitchPath(absl::string_view module, absl::string_view parameter);

// Architecture of the kernel under this process (uname(2)); a container's is its host's.
std::string RunningMachine();

}  // namespace ccplace

#endif  // CCPLACE_LIB_HOST_KERNEL_FACTS_H_
