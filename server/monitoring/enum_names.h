// One word for each of the contract's values, as metrics and log lines spell them: lower case, with
// underscores. Thread-safe: pure functions.
#ifndef CCPLACE_SERVER_MONITORING_ENUM_NAMES_H_
#define CCPLACE_SERVER_MONITORING_ENUM_NAMES_H_

#include <string>
#include <utility>
#include <vector>

#include "ccplace/v1/capability.pb.h"
#include "ccplace/v1/domain.pb.h"
#include "ccplace/v1/inventory.pb.h"
#include "lib/base/enum_name.h"

namespace ccplace {

// "supported", "kernel_parameter", "shut_off".
template <typename Enum>
std::string NameOf(Enum value) {
  return LowerEnumName(value, "_");
}

// "intel-tdx", as nova spells it.
inline std::string NameOf(v1::EncryptionModel model) { return LowerEnumName(model, "-"); }

// The figures of `keys` that operators watch, by name, known or not. Good as long as `keys` is.
inline std::vector<std::pair<const char*, const v1::Figure*>> FiguresOf(
    const v1::KeyInventory& keys) {
  return {{"total", &keys.total()},
          {"usable", &keys.usable()},
          {"in_use", &keys.in_use()},
          {"running", &keys.running()},
          {"unaccounted", &keys.unaccounted()},
          {"free", &keys.free()},
          {"peak", &keys.peak()}};
}

}  // namespace ccplace

#endif  // CCPLACE_SERVER_MONITORING_ENUM_NAMES_H_
