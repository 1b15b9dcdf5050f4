// ccplace-sync: keeps Placement true about this host's confidential-computing keys.
#include <signal.h>

#include <iostream>
#include <thread>

#include "client/sync/app/run.h"
#include "lib/base/lock_order.h"
#include "lib/observe/log.h"

namespace {

// Blocks the signals that end the program, for this thread and those it starts later.
sigset_t BlockEndSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  return signals;
}

}  // namespace

int main(int argc, char** argv) {
  using namespace ccplace::sync;
  ccplace::LeaveLockOrderUnrecorded();
  ParseFlags(argc, argv);
  const absl::StatusOr<SyncOptions> options = OptionsFromFlags();
  if (!options.ok()) {
    std::cerr << "ccplace-sync: " << options.status().message() << "\n";
    return kExitUsage;
  }
  if (options->explain_login) {
    std::cout << ExplainLogin(options->cloud);
    return kExitOk;
  }
  ccplace::SetUpLog(options->log);
  static const sigset_t signals = BlockEndSignals();
  static StopToken stop;  // Outlives the thread that waits for a signal.
  std::thread([] {
    int signal = 0;
    sigwait(&signals, &signal);
    stop.Set();
  }).detach();
  const bool once = options->dry_run || options->once;
  return once ? RunOnce(*options, stop, std::cout) : RunLoop(*options, stop);
}
