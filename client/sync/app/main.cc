// ccplace-sync: keeps Placement true about this host's confidential-computing keys.
#include <signal.h>

#include <atomic>
#include <iostream>
#include <thread>

#include "client/sync/app/run.h"
#include "lib/base/mutex_deadlock_detection.h"
#include "lib/observability/log.h"

namespace {

// Blocks the signals that end the program or ask it for something, for this thread and those it
// starts later.
sigset_t BlockSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGHUP);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  return signals;
}

}  // namespace

int main(int argc, char** argv) {
  using namespace ccplace::sync;
  ccplace::DisableMutexDeadlockDetection();
  ParseFlags(argc, argv);
  absl::StatusOr<SyncOptions> options = OptionsFromFlags();
  if (!options.ok()) {
    std::cerr << "ccplace-sync: " << options.status().message() << "\n";
    return kExitUsage;
  }
  if (options->explain_login) {
    std::cout << ExplainLogin(options->cloud);
    return kExitOk;
  }
  ccplace::SetUpLog(options->log);
  static const sigset_t signals = BlockSignals();
  static StopToken stop;  // Outlives the thread that waits for a signal, as does the next.
  static std::atomic<bool> make_removed_again{false};
  options->make_removed_again = &make_removed_again;
  std::thread([] {
    int signal = SIGHUP;
    while (sigwait(&signals, &signal) == 0 && signal == SIGHUP) make_removed_again = true;
    stop.Set();
  }).detach();
  const bool once = options->dry_run || options->once;
  return once ? RunOnce(*options, stop, std::cout) : RunLoop(*options, stop);
}
