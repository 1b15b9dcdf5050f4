#include "server/app/watchdog.h"

#include <spdlog/spdlog.h>

namespace ccplace {

bool Watchdog::IsAlive() {
  if (time_since_heartbeat_() <= kMaxHeartbeatAge) return true;
  if (limiter_.Allow(std::chrono::steady_clock::now()).has_value()) {
    spdlog::critical(
        "{} has had no heartbeat for {} s; systemd is not notified any more, and restarts the "
        "service if WatchdogSec= is set",
        thread_, kMaxHeartbeatAge.count());
  }
  return false;
}

}  // namespace ccplace
