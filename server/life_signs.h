// Whether the threads that the service hangs on still run.
#ifndef CCPLACE_SERVER_LIFE_SIGNS_H_
#define CCPLACE_SERVER_LIFE_SIGNS_H_

#include <atomic>
#include <chrono>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "server/log_gate.h"

namespace ccplace {

// When a thread last showed that it runs. Thread-safe.
class Heartbeat {
 public:
  void Beat() { at_.store(std::chrono::steady_clock::now(), std::memory_order_relaxed); }
  // How long ago that was; before the first beat, the object's age.
  std::chrono::nanoseconds Age() const {
    return std::chrono::steady_clock::now() - at_.load(std::memory_order_relaxed);
  }

 private:
  std::atomic<std::chrono::steady_clock::time_point> at_{std::chrono::steady_clock::now()};
};

// Asks each thread for its age before systemd is told that the daemon lives. The thread that keeps
// the facts is not asked: where it hangs, on a file system that does not answer, readers are told
// how old the facts are, and a restart would leave them with none. For one thread.
class LifeSigns {
 public:
  // Longest that a thread may be silent. Each shows itself every few seconds; a machine that is
  // short of memory or processors delays that, and is no reason for a restart.
  static constexpr std::chrono::seconds kLongestSilence{60};

  struct Sign {
    std::string thread;  // For the log: "the thread that takes connections".
    std::function<std::chrono::nanoseconds()> age;
  };

  explicit LifeSigns(std::vector<Sign> signs) : signs_(std::move(signs)) {}

  // Whether every thread has shown itself lately; logs, once in a while, which has not.
  bool AllAlive();

 private:
  const std::vector<Sign> signs_;
  LogGate silences_;
};

}  // namespace ccplace

#endif  // CCPLACE_SERVER_LIFE_SIGNS_H_
