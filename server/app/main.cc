// ccplaced: what a KVM host can do for confidential computing, over gRPC.
#include <malloc.h>
#include <spdlog/spdlog.h>
#include <sys/resource.h>

#include <chrono>
#include <cstdlib>
#include <iostream>

#include "lib/base/mutex_deadlock_detection.h"
#include "lib/base/text.h"
#include "lib/observability/command_line.h"
#include "lib/observability/log.h"
#include "server/app/daemon_wiring.h"
#include "server/app/grpc_servers.h"
#include "server/app/signals.h"
#include "server/app/systemd.h"
#include "server/config/flags.h"
#include "server/config/options.h"
#include "server/monitoring/change_log.h"
#include "server/monitoring/daemon_log.h"
#include "server/monitoring/daemon_metrics.h"

namespace {

constexpr int kExitFailure = 1;
// How long a reading of libvirt, or of the host's files, may take to end once no call is under way.
constexpr std::chrono::seconds kReadingEndTime{1};
constexpr size_t kReasonLimitBytes = 512;

int Fail(int code, const absl::Status& status) {
  std::cerr << "ccplaced: " << status.message() << "\n";
  return code;
}

// Descriptors for every connection that the limits allow; systemd's default soft limit is 1024.
void RaiseDescriptorLimit() {
  rlimit limit = {};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

// Large blocks of memory go back to the system as soon as they are free. By itself glibc keeps
// those of up to 32 MiB once one was freed (mallopt(3), M_MMAP_THRESHOLD), and a flood of large
// requests would leave the daemon large.
void TrimMallocThreshold() { mallopt(M_MMAP_THRESHOLD, 128 << 10); }

// The end, with `code`, of a process that has `rooms`. What hangs in libvirt or in the host's files
// is left behind with it.
int Shutdown(const ccplace::ServiceDependencies& dependencies, int code) {
  const bool answered = dependencies.pool->Stop(std::chrono::steady_clock::now() + kReadingEndTime);
  const bool read = dependencies.state->Stop(std::chrono::steady_clock::now() + kReadingEndTime);
  if (!answered) spdlog::warn("libvirt has not answered; its calls are left behind");
  if (!read) spdlog::warn("a file of the host's was not read; its file system hangs");
  if (answered && read) return code;
  // The logger is synchronous here, and must live for the threads that are left.
  std::_Exit(code);
}

// Lets calls under way end; what libvirt still holds up then is answered.
int Stop(ccplace::GrpcServers& servers, const ccplace::ServiceDependencies& dependencies,
         std::chrono::milliseconds timeout) {
  ccplace::NotifySystemd("STOPPING=1");
  spdlog::info("stopping; calls under way have {} ms", timeout.count());
  const auto deadline = std::chrono::steady_clock::now() + timeout;
  servers.EndCalls(deadline);
  dependencies.pool->Stop(std::chrono::steady_clock::now() + kReadingEndTime);
  servers.Close();
  return Shutdown(dependencies, EXIT_SUCCESS);
}

void WarnUnusedOptions(const ccplace::Options& options) {
  for (const std::string& sentence : ccplace::UnusedOptions(options)) spdlog::warn("{}", sentence);
}

void LogRefresh(const absl::Status& status) {
  if (status.ok()) return spdlog::info("read the host anew");
  spdlog::warn("refresh failed: {}", ccplace::Printable(status.message(), kReasonLimitBytes));
}

}  // namespace

int main(int argc, char** argv) {
  ccplace::DisableMutexDeadlockDetection();
  const ccplace::Options options = ccplace::ParseFlags(argc, argv);
  const absl::Status checked = ccplace::CheckOptions(options);
  if (!checked.ok()) return Fail(ccplace::kExitWrongUse, checked);
  ccplace::SetUpDaemonLog(options.observe);
  WarnUnusedOptions(options);
  RaiseDescriptorLimit();
  TrimMallocThreshold();
  ccplace::Signals signals;

  const auto backends = ccplace::OpenBackends(options.host);
  if (!backends.ok()) return Fail(kExitFailure, backends.status());
  const ccplace::ServiceDependencies dependencies = ccplace::BuildServices(options, *backends);
  const auto servers = ccplace::GrpcServers::Open(options.listen, options.limits, dependencies);
  if (!servers.ok()) return Shutdown(dependencies, Fail(kExitFailure, servers.status()));
  const auto metrics = ccplace::OpenMetrics(options.observe, dependencies);
  if (!metrics.ok()) return Shutdown(dependencies, Fail(kExitFailure, metrics.status()));
  const ccplace::ChangeLog changes(*dependencies.state, ccplace::LogAudit);
  ccplace::NotifySystemd("READY=1");

  const auto reread = [&dependencies] {
    dependencies.ask_firmware_anew();
    dependencies.state->Refresh(std::chrono::steady_clock::now() + dependencies.hypervisor_timeout,
                                LogRefresh);
  };
  ccplace::Watchdog signs("the thread that takes connections",
                          [&servers = **servers] { return servers.TimeSinceHeartbeat(); });
  signals.WaitForStop(reread, ccplace::StepLogLevel, [&signs] { return signs.IsAlive(); });
  return Stop(**servers, dependencies, options.limits.shutdown_timeout);
}
