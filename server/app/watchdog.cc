#include "server/app/watchdog.h"

#include <spdlog/spdlog.h>

namespace ccplace {

bool Watchdog::IsAlive() {
  if (time_since_heartbeat_() <= kMaxHeartbeatAge) return true;
  if (limiter_.Allow(std::chrono::steady_clock::now()).has_value()) {
    spdlog::critical(
        "{} has not shown itself for {} s; systemd gets no sign of life, and restarts the service "
        "where it was told to watch it",
        thread_, kMaxHeartbeatAge.count());
  }
  return false;
}

}  // namespace ccplace
