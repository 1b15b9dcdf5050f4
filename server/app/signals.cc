#include "server/app/signals.h"

#include <algorithm>
#include <chrono>
#include <ctime>

#include "server/app/systemd.h"

namespace ccplace {
namespace {

using SteadyTime = std::chrono::steady_clock::time_point;

timespec ToTimespec(std::chrono::nanoseconds time) {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(time);
  const std::chrono::nanoseconds rest = time - seconds;
  return {static_cast<time_t>(seconds.count()), static_cast<long>(rest.count())};
}

std::chrono::nanoseconds LeftUntil(SteadyTime due) {
  return std::max<std::chrono::nanoseconds>(due - std::chrono::steady_clock::now(),
                                            std::chrono::nanoseconds(0));
}

}  // namespace

Signals::Signals() {
  signal(SIGPIPE, SIG_IGN);
  sigemptyset(&set_);
  sigaddset(&set_, SIGTERM);
  sigaddset(&set_, SIGINT);
  sigaddset(&set_, SIGHUP);
  sigaddset(&set_, SIGUSR1);
  sigaddset(&set_, SIGUSR2);
  pthread_sigmask(SIG_BLOCK, &set_, nullptr);
}

void Signals::WaitForStop(const std::function<void()>& reread,
                          const std::function<void(int)>& say_more,
                          const std::function<bool()>& is_alive) {
  const auto watchdog = WatchdogInterval();
  const std::chrono::microseconds interval = watchdog.value_or(std::chrono::hours(1));
  SteadyTime due = std::chrono::steady_clock::now() + interval;
  for (;;) {
    const timespec left = ToTimespec(LeftUntil(due));
    const int caught = sigtimedwait(&set_, nullptr, &left);
    // By the clock, not by the wait's end: signals that pour in must not silence it.
    if (std::chrono::steady_clock::now() >= due) {
      if (watchdog.has_value() && is_alive()) NotifySystemd("WATCHDOG=1");
      due = std::chrono::steady_clock::now() + interval;
    }
    if (caught == SIGHUP) reread();
    if (caught == SIGUSR1 || caught == SIGUSR2) say_more(caught == SIGUSR1 ? 1 : -1);
    if (caught == SIGTERM || caught == SIGINT) break;
  }
  for (const int late : {SIGHUP, SIGUSR1, SIGUSR2}) sigdelset(&set_, late);
  pthread_sigmask(SIG_UNBLOCK, &set_, nullptr);
}

}  // namespace ccplace
