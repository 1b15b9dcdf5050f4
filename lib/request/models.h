// The encryption models that the rules know: one row each. Thread-safe: constant data.
#ifndef CCPLACE_LIB_REQUEST_MODELS_H_
#define CCPLACE_LIB_REQUEST_MODELS_H_

#include <cstdint>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "lib/base/encryption_model.h"

namespace ccplace::rules {

// What a model demands of a request beyond what all of them demand; bits of a set.
enum Need : uint32_t {
  kEveryModel = 0,
  kStatelessFirmware = 1u << 0,
  kNoVideo = 1u << 1,
  kNoScsiBoot = 1u << 2,
  kNoPmu = 1u << 3,
  kSmallPages = 1u << 4,
};

struct Model : EncryptionModelNames {
  uint32_t needs;  // Set of Need.
};

// All of them, in the order of the enum.
absl::Span<const Model> Models();

// The model of that name, exact case; null when there is none.
const Model* FindModel(absl::string_view name);

// The model taken when encryption is asked for and none is named: nova's documented default.
const Model& DefaultModel();

}  // namespace ccplace::rules

#endif  // CCPLACE_LIB_REQUEST_MODELS_H_
