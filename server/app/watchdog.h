// Whether the daemon is alive, as systemd's watchdog asks.
#ifndef CCPLACE_SERVER_APP_WATCHDOG_H_
#define CCPLACE_SERVER_APP_WATCHDOG_H_

#include <chrono>
#include <functional>
#include <string>
#include <utility>

#include "server/common/log_rate_limiter.h"

namespace ccplace {

// Asks the thread that the service hangs on for its age before systemd is told that the daemon
// lives. The thread that keeps the facts is not asked: where it hangs, on a file system that does
// not answer, readers are told how old the facts are, and a restart would leave them with none. For
// one thread.
class Watchdog {
 public:
  // Longest that it may be silent. It shows itself every few seconds; a machine that is short of
  // memory or processors delays that, and is no reason for a restart.
  static constexpr std::chrono::seconds kMaxHeartbeatAge{60};

  // `thread` as the log calls it: "the thread that takes connections". `silence`: for how long it
  // has not shown itself.
  Watchdog(std::string thread, std::function<std::chrono::nanoseconds()> time_since_heartbeat)
      : thread_(std::move(thread)), time_since_heartbeat_(std::move(time_since_heartbeat)) {}

  // Whether it has shown itself lately; logs, once in a while, that it has not.
  bool IsAlive();

 private:
  const std::string thread_;
  const std::function<std::chrono::nanoseconds()> time_since_heartbeat_;
  LogRateLimiter limiter_;
};

}  // namespace ccplace

#endif  // CCPLACE_SERVER_APP_WATCHDOG_H_
