// Messages between systemd and the daemon. Without systemd every function does nothing.
#ifndef CCPLACE_SERVER_APP_SYSTEMD_H_
#define CCPLACE_SERVER_APP_SYSTEMD_H_

#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "server/common/log_rate_limiter.h"

namespace ccplace {

// Sockets that systemd hands over, by their FileDescriptorName= (sd_listen_fds(3)), of which one
// socket unit gives the same to all of its own. Nothing is known of what they are. The caller owns
// the descriptors. For one call, before there are threads.
std::multimap<std::string, int> TakeSystemdSockets();

// Sends a state ("READY=1"; sd_notify(3)). Thread-safe.
void NotifySystemd(const std::string& state);

// How often WATCHDOG=1 is due: half of WatchdogSec=. Nothing: the unit has none.
std::optional<std::chrono::microseconds> WatchdogInterval();

// Checks the accept thread's heartbeat before systemd is notified that the daemon is alive. The
// monitor's thread is not checked: where it hangs in a file system that does not answer, answers
// say how old the facts are, and after a restart there would be none. For one thread.
class Watchdog {
 public:
  // Oldest heartbeat that counts as alive. There is one every few seconds; a machine that is short
  // of memory or processors delays it, which is no reason for a restart.
  static constexpr std::chrono::seconds kMaxHeartbeatAge{60};

  // `thread` as the log calls it: "the thread that takes connections".
  Watchdog(std::string thread, std::function<std::chrono::nanoseconds()> time_since_heartbeat)
      : thread_(std::move(thread)), time_since_heartbeat_(std::move(time_since_heartbeat)) {}

  // Whether the heartbeat is young enough; logs at most every ten seconds that it is not.
  bool IsAlive();

 private:
  const std::string thread_;
  const std::function<std::chrono::nanoseconds()> time_since_heartbeat_;
  LogRateLimiter limiter_;
};

}  // namespace ccplace

#endif  // CCPLACE_SERVER_APP_SYSTEMD_H_
