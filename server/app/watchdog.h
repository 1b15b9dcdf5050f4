// Whether the daemon is alive, as systemd's watchdog asks.
#ifndef CCPLACE_SERVER_APP_WATCHDOG_H_
#define CCPLACE_SERVER_APP_WATCHDOG_H_

#include <chrono>
#include <functional>
#include <string>
#include <utility>

#include "server/common/log_rate_limiter.h"

namespace ccplace {

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

#endif  // CCPLACE_SERVER_APP_WATCHDOG_H_
