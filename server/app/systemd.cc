#include "server/app/systemd.h"

#include <spdlog/spdlog.h>
#include <systemd/sd-daemon.h>

#include <cstdlib>

namespace ccplace {

std::multimap<std::string, int> TakeSystemdSockets() {
  std::multimap<std::string, int> sockets;
  char** names = nullptr;
  const int count = sd_listen_fds_with_names(/*unset_environment=*/1, &names);
  for (int i = 0; i < count; ++i) {
    sockets.emplace(names[i], SD_LISTEN_FDS_START + i);
    std::free(names[i]);
  }
  std::free(names);
  return sockets;
}

void NotifySystemd(const std::string& state) { sd_notify(0, state.c_str()); }

std::optional<std::chrono::microseconds> WatchdogInterval() {
  uint64_t limit_us = 0;
  if (sd_watchdog_enabled(0, &limit_us) <= 0) return std::nullopt;
  return std::chrono::microseconds(limit_us / 2);
}

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
