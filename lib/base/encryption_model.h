// The encryption models: their names in OpenStack, and what a host says of one. Thread-safe:
// constant data and pure functions.
#ifndef CCPLACE_LIB_BASE_ENCRYPTION_MODEL_H_
#define CCPLACE_LIB_BASE_ENCRYPTION_MODEL_H_

#include <array>

#include "absl/strings/string_view.h"
#include "ccplace/v1/capability.pb.h"

namespace ccplace {

struct EncryptionModelNames {
  v1::EncryptionModel model;
  absl::string_view name;             // As hw:mem_encryption_model spells it, exact case.
  absl::string_view trait;            // os-traits' name, for hosts that have it.
  absl::string_view provider_suffix;  // Ends the names of nova's resource providers.
};

// All four, in the order of the enum.
inline constexpr std::array<EncryptionModelNames, 4> kEncryptionModels = {{
    {v1::ENCRYPTION_MODEL_INTEL_TDX, "intel-tdx", "HW_CPU_X86_INTEL_TDX", "_intel_tdx"},
    {v1::ENCRYPTION_MODEL_AMD_SEV, "amd-sev", "HW_CPU_X86_AMD_SEV", "_amd_sev"},
    {v1::ENCRYPTION_MODEL_AMD_SEV_ES, "amd-sev-es", "HW_CPU_X86_AMD_SEV_ES", "_amd_sev_es"},
    {v1::ENCRYPTION_MODEL_AMD_SEV_SNP, "amd-sev-snp", "HW_CPU_X86_AMD_SEV_SNP", "_amd_sev_snp"},
}};
inline constexpr const EncryptionModelNames& kIntelTdx = kEncryptionModels[0];
inline constexpr const EncryptionModelNames& kAmdSev = kEncryptionModels[1];
inline constexpr const EncryptionModelNames& kAmdSevEs = kEncryptionModels[2];
inline constexpr const EncryptionModelNames& kAmdSevSnp = kEncryptionModels[3];

// What `host` says of `model`; null where it sent nothing.
inline const v1::ModelCapability* FindModel(const v1::HostCapabilities& host,
                                            v1::EncryptionModel model) {
  for (const v1::ModelCapability& entry : host.models()) {
    if (entry.model() == model) return &entry;
  }
  return nullptr;
}

}  // namespace ccplace

#endif  // CCPLACE_LIB_BASE_ENCRYPTION_MODEL_H_
