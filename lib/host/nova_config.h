// The settings of this host's nova-compute, read from its configuration files.
#ifndef CCPLACE_LIB_HOST_NOVA_CONFIG_H_
#define CCPLACE_LIB_HOST_NOVA_CONFIG_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "lib/host/host_files.h"

namespace ccplace {

// Most files that are read, folders' files included, and the largest of them.
inline constexpr size_t kNovaConfigFileLimit = 64;
inline constexpr size_t kNovaConfigFileLimitBytes = size_t{1024} * 1024;

// Options of nova.conf that matter to confidential guests, with nova's defaults where the files
// state none (nova/conf/libvirt.py, compute.py, netconf.py of nova 26 to 34). A plain value.
struct NovaConfig {
  std::string cpu_mode = "host-model";  // libvirt's default for kvm and qemu.
  std::vector<std::string> cpu_models;
  std::string virt_type = "kvm";
  std::string machine_type = "pc";  // Of hw_machine_type, for x86_64.
  // num_intel_tdx_guests (since nova 34) and num_memory_encrypted_guests (before); nothing: not
  // stated.
  std::optional<uint64_t> tdx_guests;
  std::optional<uint64_t> encrypted_guests;
  std::optional<std::string> host;  // Of [DEFAULT]: the service's name, not the provider's.
  uint64_t reserved_memory_mib = 512;
  // For each option above that a file states, by its name in nova.conf: which file.
  std::map<std::string, std::string> stated_in;
};

// Reads `paths` in order, later ones first in force, as nova-compute reads its --config-file and
// --config-dir: of a folder, the files "*.conf" by name. Nothing else than the options above is
// kept. Fails as a whole, as nova-compute would: with HostFiles' codes where a file cannot be read,
// INVALID_ARGUMENT where oslo.config refuses it or a value of these options, UNIMPLEMENTED where a
// value refers to another option ($name), OUT_OF_RANGE past the bounds. Messages name path, line or
// option.
absl::StatusOr<NovaConfig> ReadNovaConfig(const HostFiles& files,
                                          const std::vector<std::string>& paths);

}  // namespace ccplace

#endif  // CCPLACE_LIB_HOST_NOVA_CONFIG_H_
