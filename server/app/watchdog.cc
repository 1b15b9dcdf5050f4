#include "server/app/watchdog.h"

#include <spdlog/spdlog.h>

namespace ccplace {

bool LifeSigns::IsAlive() {
  if (silence_() <= kLongestSilence) return true;
  if (told_.Pass(std::chrono::steady_clock::now()).has_value()) {
    spdlog::critical(
        "{} has not shown itself for {} s; systemd gets no sign of life, and restarts the service "
        "where it was told to watch it",
        thread_, kLongestSilence.count());
  }
  return false;
}

}  // namespace ccplace
