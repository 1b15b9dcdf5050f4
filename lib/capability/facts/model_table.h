// What sets the four models apart on a host.
#ifndef CCPLACE_LIB_CAPABILITY_FACTS_MODEL_TABLE_H_
#define CCPLACE_LIB_CAPABILITY_FACTS_MODEL_TABLE_H_

#include <array>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "ccplace/v1/capability.pb.h"
#include "lib/base/encryption_model.h"
#include "lib/host/kernel_facts.h"

namespace ccplace {

// One model. Lives as long as the program.
struct ModelInfo : EncryptionModelNames {
  // The kernel's switch: module, parameter, and the fact read from it.
  absl::string_view module;
  absl::string_view parameter;
  absl::StatusOr<bool> KernelFacts::*enabled;
  absl::string_view key_resource;      // Name in the misc cgroup's files.
  absl::string_view sectype;           // libvirt's launchSecurity type.
  absl::string_view firmware_feature;  // In QEMU's firmware descriptors.
  // Whether its firmware must be mapped into memory: no pflash (KVM refuses read-only memory slots
  // for private memory: Linux, virt/kvm/kvm_main.c, check_memory_region_flags), hence no variable
  // store.
  bool needs_memory_firmware;
  absl::string_view when_off;       // What an operator does when the switch is off ...
  absl::string_view when_absent;    // ... and when the kernel has no such switch.
  absl::string_view kernel_option;  // Without which a kernel has no such switch.
};

// All four, in the order of the enum.
const std::array<ModelInfo, 4>& ModelTable();

// "SEV-ES" and "SEV-SNP" guests take their keys (ASIDs) from one pool: whether guests of `left`
// and `right` do.
bool ShareKeys(const ModelInfo& left, v1::EncryptionModel right);

}  // namespace ccplace

#endif  // CCPLACE_LIB_CAPABILITY_FACTS_MODEL_TABLE_H_
