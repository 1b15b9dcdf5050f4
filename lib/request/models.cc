#include "lib/request/models.h"

#include <algorithm>

namespace ccplace::rules {
namespace {

// nova's virt/hardware.py and the blueprint intel-tdx-libvirt-support say what each demands; the
// traits are os-traits' names.
constexpr Model kModels[] = {
    {v1::ENCRYPTION_MODEL_INTEL_TDX,
     kStatelessFirmware | kNoVideo | kNoScsiBoot | kNoPmu | kSmallPages, "intel-tdx",
     "HW_CPU_X86_INTEL_TDX"},
    {v1::ENCRYPTION_MODEL_AMD_SEV, kEveryModel, "amd-sev", "HW_CPU_X86_AMD_SEV"},
    {v1::ENCRYPTION_MODEL_AMD_SEV_ES, kEveryModel, "amd-sev-es", "HW_CPU_X86_AMD_SEV_ES"},
    {v1::ENCRYPTION_MODEL_AMD_SEV_SNP, kStatelessFirmware, "amd-sev-snp", "HW_CPU_X86_AMD_SEV_SNP"},
};
constexpr const Model& kDefaultModel = kModels[1];

}  // namespace

absl::Span<const Model> Models() { return kModels; }

const Model* FindModel(absl::string_view name) {
  const auto* found = std::find_if(std::begin(kModels), std::end(kModels),
                                   [name](const Model& model) { return model.name == name; });
  return found == std::end(kModels) ? nullptr : found;
}

const Model& DefaultModel() { return kDefaultModel; }

}  // namespace ccplace::rules
