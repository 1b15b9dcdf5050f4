#include "server/signals.h"

#include <cerrno>
#include <chrono>
#include <ctime>

#include "server/systemd.h"

namespace ccplace {
namespace {

timespec ToTimespec(std::chrono::microseconds time) {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(time);
  const std::chrono::nanoseconds rest = time - seconds;
  return {static_cast<time_t>(seconds.count()), static_cast<long>(rest.count())};
}

}  // namespace

Signals::Signals() {
  signal(SIGPIPE, SIG_IGN);
  sigemptyset(&set_);
  sigaddset(&set_, SIGTERM);
  sigaddset(&set_, SIGINT);
  sigaddset(&set_, SIGHUP);
  pthread_sigmask(SIG_BLOCK, &set_, nullptr);
}

void Signals::WaitForStop(const std::function<void()>& reread) {
  const auto watchdog = WatchdogInterval();
  const timespec interval = ToTimespec(watchdog.value_or(std::chrono::hours(1)));
  for (;;) {
    const int caught = sigtimedwait(&set_, nullptr, &interval);
    if (caught < 0 && watchdog.has_value() && errno == EAGAIN) TellSystemd("WATCHDOG=1");
    if (caught == SIGHUP) reread();
    if (caught == SIGTERM || caught == SIGINT) break;
  }
  sigdelset(&set_, SIGHUP);
  pthread_sigmask(SIG_UNBLOCK, &set_, nullptr);
}

}  // namespace ccplace
