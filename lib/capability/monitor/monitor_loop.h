// The thread of HostMonitor.
#ifndef CCPLACE_LIB_CAPABILITY_MONITOR_MONITOR_LOOP_H_
#define CCPLACE_LIB_CAPABILITY_MONITOR_MONITOR_LOOP_H_

#include <functional>
#include <future>
#include <memory>
#include <thread>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "lib/base/atomic_shared_ptr.h"
#include "lib/base/backoff.h"
#include "lib/base/clock.h"
#include "lib/base/work_pool.h"
#include "lib/capability/facts/facts.h"
#include "lib/capability/monitor/host_monitor.h"
#include "lib/capability/monitor/monitor_queue.h"
#include "lib/capability/monitor/source_freshness.h"
#include "lib/capability/monitor/watch_hub.h"

namespace ccplace {

// Everything but what readers share is used by the one thread alone.
class HostMonitor::Loop {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  Loop(const HostMonitorOptions& options, FactSources sources,
       std::shared_ptr<Hypervisor> hypervisor, WorkPool& pool, const Clock& clock, uint64_t seed);
  ~Loop();
  bool Stop(TimePoint deadline);

  std::shared_ptr<const Snapshot> Current() const { return snapshot_.Current(); }
  void FillFreshness(v1::Freshness& freshness) const;
  void Refresh(TimePoint deadline, bool everything, std::function<void(absl::Status)> done);
  void AddDomain(MonitorQueue::NewDomain defined);
  std::unique_ptr<WatchHandle> Watch(WatchCallback callback) {
    return hub_.Watch(std::move(callback));
  }

 private:
  static TimePoint Now() { return std::chrono::steady_clock::now(); }
  static absl::Status NotReadYetError();
  static std::shared_ptr<const Snapshot> FirstSnapshot(const FactSources& sources);
  void Run();
  TimePoint NextStep(const MonitorQueue::PendingEvents& pending) const;
  void RecordReading(MonitorQueue::PendingEvents& pending);
  void RecordFacts(absl::StatusOr<HypervisorFacts> facts);
  std::vector<MonitorQueue::Completion> AddNewDomains(MonitorQueue::PendingEvents& pending);
  void RecordFailure(const absl::Status& why);
  TimePoint NextEventTime(const MonitorQueue::PendingEvents& pending) const;
  bool IsAskedForEverything(const MonitorQueue::PendingEvents& pending) const;
  bool WantsHypervisor(const MonitorQueue::PendingEvents& pending) const;
  bool WantsEverything(const MonitorQueue::PendingEvents& pending) const;
  void ReadFiles(bool all);
  bool HasMeasured() const { return measuring_due_ == TimePoint::min(); }
  void MeasureFirst();
  void StartReading(const MonitorQueue::Waiters& asked, bool everything);
  std::function<absl::StatusOr<HypervisorFacts>()> Source(bool everything) const;
  void PublishIfChanged();
  // Keeps the deadline where the one thread hangs in a file system.
  MonitorQueue::Done WithDeadline(TimePoint deadline, MonitorQueue::Done done);
  static void Finish(const std::vector<MonitorQueue::Completion>& completions);

  const HostMonitorOptions options_;
  const FactSources sources_;
  const std::shared_ptr<Hypervisor> hypervisor_;
  WorkPool& pool_;
  const Clock& clock_;
  const std::shared_ptr<MonitorQueue> queue_ = std::make_shared<MonitorQueue>();

  // Shared with readers.
  AtomicSharedPtr<Snapshot> snapshot_;
  SourceFreshness files_freshness_;
  SourceFreshness hypervisor_freshness_;
  WatchHub hub_;

  HostFileFacts files_;
  absl::StatusOr<HypervisorFacts> facts_ = NotReadYetError();
  std::vector<DomainDescription> unread_;  // Defined since the reading under way began.
  TimePoint files_began_;                  // The latest reading of all files, by clock_.
  TimePoint all_files_due_;
  TimePoint kernel_due_;
  TimePoint measuring_due_ = TimePoint::max();  // The first measuring of firmware.
  TimePoint hypervisor_due_;
  TimePoint event_due_;              // No reading for an event before this.
  TimePoint began_;                  // Of the latest reading of all of libvirt, by clock_.
  TimePoint started_;                // The same moment by the machine's clock.
  TimePoint refresh_due_;            // No reading for a caller of Refresh before this.
  MonitorQueue::Waiters answering_;  // Callers up to here began before the latest reading.
  MonitorQueue::Waiters covered_;    // Callers up to here can be answered.
  bool failing_ = false;
  bool files_taken_ = false;  // A reading of files whose facts are not out yet.
  bool taken_ = false;        // The same, of libvirt.
  bool told_files_stale_ = true;
  bool told_hypervisor_stale_ = true;
  Backoff backoff_;

  std::promise<void> ended_;
  const std::future<void> end_ = ended_.get_future();
  std::thread thread_;
};

}  // namespace ccplace

#endif  // CCPLACE_LIB_CAPABILITY_MONITOR_MONITOR_LOOP_H_
