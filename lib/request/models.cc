#include "lib/request/models.h"

#include <algorithm>

namespace ccplace::rules {
namespace {

// nova's virt/hardware.py and the blueprint intel-tdx-libvirt-support say what each demands.
constexpr Model kModels[] = {
    {kIntelTdx, kStatelessFirmware | kNoVideo | kNoScsiBoot | kNoPmu | kSmallPages},
    {kAmdSev, kEveryModel},
    {kAmdSevEs, kEveryModel},
    {kAmdSevSnp, kStatelessFirmware},
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
