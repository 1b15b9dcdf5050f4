// Keeps the host's facts up to date: reads files and libvirt, and publishes snapshots.
#ifndef CCPLACE_LIB_CAPABILITY_MONITOR_HOST_MONITOR_H_
#define CCPLACE_LIB_CAPABILITY_MONITOR_HOST_MONITOR_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>

#include "absl/status/statusor.h"
#include "lib/base/clock.h"
#include "lib/base/work_pool.h"
#include "lib/capability/monitor/host_state.h"
#include "lib/hypervisor/hypervisor.h"

namespace ccplace {

struct HostFileFacts;
struct HypervisorFacts;

// Where facts come from. read_files, reread_kernel, measure_firmware, add_domain and build are
// called on the monitor's thread, read_hypervisor and reread_domains on one of the pool's; none may
// throw.
struct FactSources {
  // Everything there is in files.
  std::function<HostFileFacts()> read_files;
  // Brings up to date what the kernel can change at any moment: parameters and key counts. kernfs
  // announces no such change to inotify, so these are polled.
  std::function<void(HostFileFacts&)> reread_kernel;
  // Adds what firmware measures to. The first one begins once the first reading of files is out and
  // measuring_delay is over, beside libvirt's reading: a large image takes longer than a daemon's
  // first answer may. From then on it is a part of each reading of files.
  std::function<void(HostFileFacts&)> measure_firmware;
  // Blocks as libvirt does, and must own what it uses: it can outlive the monitor.
  std::function<absl::StatusOr<HypervisorFacts>()> read_hypervisor;
  // Brings the domains of an earlier reading up to date, as read_hypervisor would.
  std::function<absl::StatusOr<HypervisorFacts>(HypervisorFacts)> reread_domains;
  // An earlier reading with one more domain.
  std::function<HypervisorFacts(HypervisorFacts, DomainDescription)> add_domain;
  // Pure: both readings to a snapshot, whose revision it leaves 0.
  std::function<Snapshot(const HostFileFacts&, const absl::StatusOr<HypervisorFacts>&)> build;
};

// All above zero where nothing else is said.
struct HostMonitorOptions {
  std::chrono::milliseconds refresh_interval{10000};  // Between full readings of files and libvirt.
  std::chrono::milliseconds kernel_interval{300};     // Between readings of the kernel's own files.
  std::chrono::milliseconds measuring_delay{40};  // From the first reading of files to the first
                                                  // measuring of firmware; may be zero.
  std::chrono::milliseconds read_timeout{10000};  // Then libvirt's facts count as stale.
  std::chrono::milliseconds event_gap{50};        // Least time between readings due to events.
  std::chrono::milliseconds event_delay{5};       // From an event to its reading. A write asks
                                                  // for one sooner; it serves the event.
  std::chrono::milliseconds refresh_gap{250};     // From the end of a reading for callers of
                                                  // Refresh to the next one for others.
  std::chrono::milliseconds first_retry{250};     // After a failed reading; doubles from there.
  size_t refresh_limit = 1024;                    // Callers of Refresh waiting at one time;
                                                  // RefreshDomains has no limit of its own.
  // Called once, on another thread: when the first reading ended, whatever it brought, or after
  // first_facts_wait. A Refresh right after the construction would wait for a second reading.
  std::function<void()> first_facts;
  std::chrono::milliseconds first_facts_wait{3000};
};

// The one writer of the host's facts. One thread reads files, builds snapshots and answers Refresh.
// libvirt is read on `pool`, one reading at a time: a libvirtd that stalls blocks one thread of the
// pool and never delays what files say.
//
// Readings happen every refresh_interval; after events of `hypervisor`, where all events during one
// reading lead to one more; and for Refresh. A Refresh after a quiet time reads at once. Soon after
// another, it waits for refresh_gap and shares a reading with other callers, so that a caller in a
// loop leaves libvirt time for others. RefreshDomains, which follows a write, skips that gap. For
// events of domains and for RefreshDomains only the domains are read, if the last reading
// succeeded. A snapshot is published only when something in it changed.
//
// While libvirt cannot be read, its last known facts stay in the snapshot, and freshness says stale
// and why. Before the first reading, and after a start without libvirt, its checks are UNKNOWN and
// say why. A reading that ends after its timeout is still used, with the age of its beginning.
//
//   HostMonitor monitor(HostMonitorOptions{}, sources, hypervisor, pool, Clock::System(), seed);
//   monitor.Refresh(deadline, [](absl::Status status) { ... });  // The first facts.
//   std::shared_ptr<const Snapshot> snapshot = monitor.Current();
//   auto handle = monitor.Watch([](const std::shared_ptr<const Snapshot>& changed) { ... });
//   ...
//   handle.reset();
//   monitor.Stop(deadline);  // Before the pool stops.
//
// Thread-safe. Current and FreshnessNow take a lock only on a thread's first call after a change.
class HostMonitor final : public HostState {
 public:
  // Starts reading at once; nothing is read before the return, so until then all is UNKNOWN: a
  // daemon that would rather begin with facts waits for `first_facts`. `pool` and `clock` must
  // outlive the monitor; `seed` spreads the retries of many hosts.
  HostMonitor(const HostMonitorOptions& options, FactSources sources,
              std::shared_ptr<Hypervisor> hypervisor, WorkPool& pool, const Clock& clock,
              uint64_t seed);
  // Stops, and waits for a reading of files for as long as it takes; never for libvirt.
  ~HostMonitor() override;

  std::shared_ptr<const Snapshot> Current() const override;
  v1::Freshness FreshnessNow() const override;
  void FillFreshness(v1::Freshness& freshness) const override;
  void Refresh(std::chrono::steady_clock::time_point deadline,
               std::function<void(absl::Status)> done) override;
  void RefreshDomains(std::chrono::steady_clock::time_point deadline,
                      std::function<void(absl::Status)> done) override;
  void AddDomain(const DomainDescription& domain, std::chrono::steady_clock::time_point deadline,
                 std::function<void(absl::Status)> done) override;
  std::unique_ptr<WatchHandle> Watch(WatchCallback callback) override;
  bool Stop(std::chrono::steady_clock::time_point deadline) override;

 private:
  class Loop;
  const std::unique_ptr<Loop> loop_;
};

}  // namespace ccplace

#endif  // CCPLACE_LIB_CAPABILITY_MONITOR_HOST_MONITOR_H_
