#include "client/sync/app/run.h"

#include <spdlog/spdlog.h>

#include <memory>
#include <thread>
#include <utility>

#include "client/host_watcher.h"
#include "client/sync/app/progress.h"
#include "client/sync/app/sync_metrics.h"
#include "client/sync/placement/placement_session.h"
#include "client/sync/sync/sync_report.h"

namespace ccplace::sync {
namespace {

constexpr std::chrono::milliseconds kFirstReconnect{200};
constexpr std::chrono::milliseconds kMostReconnect{10'000};

int Failed(const absl::Status& status) {
  spdlog::error("{}", std::string(status.message()));
  return kExitFailed;
}

HostSyncOptions SyncOptionsOf(const SyncOptions& options, StopToken& stop) {
  HostSyncOptions sync = options;
  sync.seed = options.loop.seed;
  sync.sleep = [&stop](std::chrono::milliseconds time) { return stop.Sleep(time); };
  return sync;
}

absl::StatusOr<std::unique_ptr<PlacementSession>> OpenPlacement(const SyncOptions& options,
                                                                StopToken& stop) {
  for (const std::string& warning : options.cloud.warnings) spdlog::warn("{}", warning);
  HttpOptions http;
  http.stop = stop.flag();
  return PlacementSession::Open(options.cloud, http);
}

// Sets and clears the stop of what blocks.
class Stopper {
 public:
  Stopper(StopToken& stop, HostWatcher& watcher, SyncLoop& loop)
      : thread_([&] {
          while (stop.Sleep(std::chrono::hours(1))) {
          }
          watcher.Stop();
          loop.Stop();
        }) {}
  ~Stopper() { thread_.join(); }

 private:
  std::thread thread_;
};

absl::Status Follow(HostWatcher& watcher, SyncLoop& loop, Progress& progress) {
  HostWatcher::Events events;
  events.on_state = [&](const v1::WatchHostResponse& state) {
    progress.OnHostState();
    loop.Offer(state);
    return true;
  };
  events.on_lost = [&](const absl::Status& why, std::chrono::milliseconds wait) {
    progress.OnHostLost(why, wait);
  };
  return watcher.Run(events);
}

}  // namespace

int RunOnce(const SyncOptions& options, StopToken& stop, std::ostream& out) {
  const auto host = HostClient::Create(options.host);
  if (!host.ok()) return Failed(host.status());
  const auto placement = OpenPlacement(options, stop);
  if (!placement.ok()) return Failed(placement.status());
  const auto answer = (*host)->HostCapabilities(v1::HostCapabilitiesRequest());
  if (!answer.ok()) return Failed(answer.status());
  if (answer->simulated() && !options.loop.allow_simulated && !options.dry_run) {
    return Failed(absl::FailedPreconditionError(
        "the host is made up by ccplaced --simulate: see --allow_simulated"));
  }
  HostSync sync(&(*placement)->rest(), SyncOptionsOf(options, stop));
  const SyncReport report = sync.Sync(answer->capabilities());
  if (!report.state_file.ok()) spdlog::warn("{}", std::string(report.state_file.message()));
  if (!report.status.ok()) return Failed(report.status);
  out << (options.dry_run ? DryRunText(report) : DoneText(report)) << std::flush;
  if (options.dry_run) return report.steps.empty() ? kExitOk : kExitDiffers;
  return HasSkipped(report) ? kExitSkipped : kExitOk;
}

int RunLoop(const SyncOptions& options, StopToken& stop) {
  const auto host = HostClient::Create(options.host);
  if (!host.ok()) return Failed(host.status());
  const auto placement = OpenPlacement(options, stop);
  if (!placement.ok()) return Failed(placement.status());
  Progress progress(&(*placement)->rest());
  const auto metrics = OpenMetrics(options.metrics_address, &progress);
  if (!metrics.ok()) return Failed(metrics.status());
  HostSync sync(&(*placement)->rest(), SyncOptionsOf(options, stop));
  SyncLoop loop(&sync, &progress, options.loop);
  HostWatcher watcher(host->get(), Backoff(kFirstReconnect, kMostReconnect, options.loop.seed));
  std::thread worker([&loop] { loop.Run(); });
  const Stopper stopper(stop, watcher, loop);
  const absl::Status followed = Follow(watcher, loop, progress);
  stop.Set();
  worker.join();
  return followed.ok() ? kExitOk : Failed(followed);
}

}  // namespace ccplace::sync
