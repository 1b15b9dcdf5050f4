#include "server/life_signs.h"

#include <spdlog/spdlog.h>

#include <algorithm>

namespace ccplace {

bool LifeSigns::AllAlive() {
  const auto silent = [](const Sign& sign) { return sign.age() > kLongestSilence; };
  const auto found = std::find_if(signs_.begin(), signs_.end(), silent);
  if (found == signs_.end()) return true;
  if (silences_.Pass(std::chrono::steady_clock::now()).has_value()) {
    spdlog::critical(
        "{} has not shown itself for {} s; systemd gets no sign of life, and restarts the service "
        "where it was told to watch it",
        found->thread, kLongestSilence.count());
  }
  return false;
}

}  // namespace ccplace
