#include "server/monitoring/enum_names.h"

namespace ccplace {

std::vector<std::pair<const char*, const v1::Figure*>> FiguresOf(const v1::KeyInventory& keys) {
  return {{"total", &keys.total()},
          {"usable", &keys.usable()},
          {"in_use", &keys.in_use()},
          {"running", &keys.running()},
          {"unaccounted", &keys.unaccounted()},
          {"free", &keys.free()},
          {"peak", &keys.peak()}};
}

}  // namespace ccplace
