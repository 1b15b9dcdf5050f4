#include "lib/capability/monitor/host_monitor.h"

#include <utility>

#include "lib/capability/monitor/monitor_loop.h"

namespace ccplace {

HostMonitor::HostMonitor(const HostMonitorOptions& options, FactSources sources,
                         std::shared_ptr<Hypervisor> hypervisor, WorkPool& pool, const Clock& clock,
                         uint64_t seed)
    : loop_(std::make_unique<Loop>(options, std::move(sources), std::move(hypervisor), pool, clock,
                                   seed)) {}

HostMonitor::~HostMonitor() = default;

std::shared_ptr<const Snapshot> HostMonitor::Current() const { return loop_->Current(); }

v1::Freshness HostMonitor::FreshnessNow() const {
  v1::Freshness freshness;
  FillFreshness(freshness);
  return freshness;
}

void HostMonitor::FillFreshness(v1::Freshness& freshness) const { loop_->FillFreshness(freshness); }

void HostMonitor::Refresh(std::chrono::steady_clock::time_point deadline,
                          std::function<void(absl::Status)> done) {
  loop_->Refresh(deadline, /*everything=*/true, std::move(done));
}

void HostMonitor::RefreshDomains(std::chrono::steady_clock::time_point deadline,
                                 std::function<void(absl::Status)> done) {
  loop_->Refresh(deadline, /*everything=*/false, std::move(done));
}

void HostMonitor::AddDomain(const DomainDescription& domain,
                            std::chrono::steady_clock::time_point deadline,
                            std::function<void(absl::Status)> done) {
  loop_->AddDomain({domain, deadline, std::move(done)});
}

bool HostMonitor::Stop(std::chrono::steady_clock::time_point deadline) {
  return loop_->Stop(deadline);
}

std::unique_ptr<WatchHandle> HostMonitor::Watch(WatchCallback callback) {
  return loop_->Watch(std::move(callback));
}

}  // namespace ccplace
