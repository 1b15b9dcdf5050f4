// The signals that the daemon answers to.
#ifndef CCPLACE_SERVER_APP_SIGNALS_H_
#define CCPLACE_SERVER_APP_SIGNALS_H_

#include <csignal>
#include <functional>

namespace ccplace {

// Makes SIGTERM, SIGINT, SIGHUP, SIGUSR1 and SIGUSR2 wait to be asked for, in every thread made
// afterwards: one object, made in main before there are threads. SIGPIPE is ignored.
class Signals {
 public:
  Signals();

  // Waits for SIGTERM or SIGINT; meanwhile calls `reread` for each SIGHUP, `say_more` with 1 for
  // SIGUSR1 and -1 for SIGUSR2, and notifies systemd's watchdog whenever that is due and `is_alive`
  // says so. After the return a further SIGTERM or SIGINT ends the program at once.
  void WaitForStop(const std::function<void()>& reread, const std::function<void(int)>& say_more,
                   const std::function<bool()>& is_alive);

 private:
  sigset_t set_;
};

}  // namespace ccplace

#endif  // CCPLACE_SERVER_APP_SIGNALS_H_
