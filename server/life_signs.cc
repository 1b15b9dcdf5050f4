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

LifeSigns::Sign SignOfFacts(const HostState& state) {
  const auto age = [&state,
                    began = std::chrono::steady_clock::now()]() -> std::chrono::nanoseconds {
    const v1::Freshness freshness = state.FreshnessNow();
    if (!freshness.host_files().has_read_at()) return std::chrono::steady_clock::now() - began;
    return std::chrono::milliseconds(freshness.host_files().age_ms());
  };
  return {"the thread that reads the host's files", age};
}

}  // namespace ccplace
