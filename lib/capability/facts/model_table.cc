#include "lib/capability/facts/model_table.h"

namespace ccplace {
namespace {

constexpr absl::string_view kTdxOff =
    "enable TDX in the firmware setup (TME, TME-MT, TDX, SEAM loader) and load kvm_intel with "
    "tdx=1 (in /etc/modprobe.d: options kvm_intel tdx=1); the kernel log says why it stays off";
constexpr absl::string_view kTdxAbsent =
    "load kvm_intel, on a kernel with TDX host support: Linux 6.16 or later, or a vendor's "
    "backport";
constexpr absl::string_view kSevOff =
    "enable SEV in the firmware setup (SMEE, SEV) and load kvm_amd with sev=1";
constexpr absl::string_view kSevAbsent = "load kvm_amd, on a kernel built with CONFIG_KVM_AMD_SEV";
constexpr absl::string_view kSevEsOff =
    "give SEV-ES some ASIDs in the firmware setup (minimum SEV non-ES ASID above 1) and load "
    "kvm_amd with sev=1 sev_es=1";
constexpr absl::string_view kSevEsAbsent =
    "load kvm_amd, on Linux 5.11 or later built with CONFIG_KVM_AMD_SEV";
constexpr absl::string_view kSevSnpOff =
    "enable SEV-SNP in the firmware setup (SNP memory coverage, RMP table) and the IOMMU, and load "
    "kvm_amd with sev=1 sev_es=1 sev_snp=1";
constexpr absl::string_view kSevSnpAbsent =
    "load kvm_amd, on a kernel with SEV-SNP host support: Linux 6.11 or later, or a vendor's "
    "backport";

}  // namespace

const std::array<ModelInfo, 4>& ModelTable() {
  static const std::array<ModelInfo, 4> kTable = {{
      {kIntelTdx, "kvm_intel", "tdx", &KernelFacts::tdx, "tdx", "tdx", "intel-tdx", true, kTdxOff,
       kTdxAbsent, "CONFIG_INTEL_TDX_HOST"},
      {kAmdSev, "kvm_amd", "sev", &KernelFacts::sev, "sev", "sev", "amd-sev", false, kSevOff,
       kSevAbsent, "CONFIG_KVM_AMD_SEV"},
      {kAmdSevEs, "kvm_amd", "sev_es", &KernelFacts::sev_es, "sev_es", "sev", "amd-sev-es", false,
       kSevEsOff, kSevEsAbsent, "CONFIG_KVM_AMD_SEV"},
      {kAmdSevSnp, "kvm_amd", "sev_snp", &KernelFacts::sev_snp, "sev_es", "sev-snp", "amd-sev-snp",
       true, kSevSnpOff, kSevSnpAbsent, "CONFIG_KVM_AMD_SEV"},
  }};
  return kTable;
}

bool ShareKeys(const ModelInfo& left, v1::EncryptionModel right) {
  for (const ModelInfo& info : ModelTable()) {
    if (info.model == right) return info.key_resource == left.key_resource;
  }
  return false;
}

}  // namespace ccplace
