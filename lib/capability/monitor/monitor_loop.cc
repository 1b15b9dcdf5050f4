#include "lib/capability/monitor/monitor_loop.h"

#include <algorithm>
#include <utility>

#include "lib/base/status.h"

namespace ccplace {
namespace {

absl::Status NotReadInTimeError() {
  return absl::DeadlineExceededError("libvirt was not read before the deadline");
}

}  // namespace

absl::Status HostMonitor::Loop::NotReadYetError() {
  return absl::UnavailableError("libvirt was not read yet");
}

std::shared_ptr<const Snapshot> HostMonitor::Loop::FirstSnapshot(const FactSources& sources) {
  auto snapshot = std::make_shared<Snapshot>(sources.build(HostFileFacts(), NotReadYetError()));
  snapshot->revision = 1;
  return snapshot;
}

HostMonitor::Loop::Loop(const HostMonitorOptions& options, FactSources sources,
                        std::shared_ptr<Hypervisor> hypervisor, WorkPool& pool, const Clock& clock,
                        uint64_t seed)
    : options_(options),
      sources_(std::move(sources)),
      hypervisor_(std::move(hypervisor)),
      pool_(pool),
      clock_(clock),
      snapshot_(FirstSnapshot(sources_)),
      files_freshness_(options.refresh_interval, clock),
      hypervisor_freshness_(options.refresh_interval, clock),
      hub_(snapshot_.Current()),
      backoff_(options.first_retry, options.refresh_interval, seed) {
  all_files_due_ = kernel_due_ = hypervisor_due_ = event_due_ = refresh_due_ = Now();
  hypervisor_->SetListener([queue = queue_](HypervisorEvent event) {
    queue->Event(/*everything=*/event == HypervisorEvent::kConnectionLost);
  });
  if (options_.first_facts) {
    Refresh(Now() + options_.first_facts_wait, /*everything=*/true,
            [tell = options_.first_facts](const absl::Status&) { tell(); });
  }
  thread_ = std::thread([this] {
    Run();
    ended_.set_value();
  });
}

HostMonitor::Loop::~Loop() {
  Stop(Now());
  thread_.join();
}

bool HostMonitor::Loop::Stop(TimePoint deadline) {
  hypervisor_->SetListener(nullptr);
  queue_->Stop();
  return end_.wait_until(deadline) == std::future_status::ready;
}

void HostMonitor::Loop::FillFreshness(v1::Freshness& freshness) const {
  files_freshness_.Fill(*freshness.mutable_host_files());
  hypervisor_freshness_.Fill(*freshness.mutable_hypervisor());
  freshness.set_stale(freshness.host_files().stale() || freshness.hypervisor().stale());
}

void HostMonitor::Loop::Refresh(TimePoint deadline, bool everything,
                                std::function<void(absl::Status)> done) {
  done = WithDeadline(deadline, std::move(done));
  const absl::Status refusal =
      queue_->AddWaiter(deadline, everything, done, options_.refresh_limit);
  if (!refusal.ok()) done(refusal);
}

void HostMonitor::Loop::AddDomain(MonitorQueue::NewDomain defined) {
  defined.done = WithDeadline(defined.deadline, std::move(defined.done));
  const absl::Status refusal = queue_->Add(defined);
  if (!refusal.ok()) defined.done(refusal);
}

MonitorQueue::Done HostMonitor::Loop::WithDeadline(TimePoint deadline, MonitorQueue::Done done) {
  return pool_.timer().WithDeadline(deadline, std::move(done), NotReadInTimeError());
}

void HostMonitor::Loop::Finish(const std::vector<MonitorQueue::Completion>& completions) {
  for (const MonitorQueue::Completion& completion : completions) completion.Finish();
}

void HostMonitor::Loop::Run() {
  MonitorQueue::PendingEvents pending = queue_->Collect(Now());
  while (!pending.stop) {
    RecordReading(pending);
    const std::vector<MonitorQueue::Completion> taken = AddNewDomains(pending);
    const bool read_hypervisor = WantsHypervisor(pending);
    const bool everything = read_hypervisor && WantsEverything(pending);
    const bool asked_all = everything && pending.asked.everything > answering_.everything;
    const bool asked = read_hypervisor && pending.asked.domains > answering_.domains;
    const bool all_files = asked_all || Now() >= all_files_due_;
    if (all_files || asked || Now() >= kernel_due_) ReadFiles(all_files);
    PublishIfChanged();
    Finish(taken);
    Finish(queue_->TakeWaiters(covered_, absl::OkStatus()));
    if (read_hypervisor) StartReading(pending.asked, everything);
    pending.reading |= read_hypervisor;
    MeasureFirst();
    pending = queue_->Collect(NextStep(pending));
  }
  for (const MonitorQueue::NewDomain& defined : pending.defined) defined.done(StoppingError());
  Finish(queue_->TakeWaiters({UINT64_MAX, UINT64_MAX}, StoppingError()));
}

// A reading that is under way ends the wait by itself.
HostMonitor::Loop::TimePoint HostMonitor::Loop::NextStep(
    const MonitorQueue::PendingEvents& pending) const {
  TimePoint files = std::min(all_files_due_, kernel_due_);
  if (!HasMeasured()) files = std::min(files, measuring_due_);
  if (pending.reading) return files;
  const TimePoint hypervisor =
      pending.event && !failing_ ? NextEventTime(pending) : hypervisor_due_;
  if (pending.asked.everything <= covered_.everything) return std::min(files, hypervisor);
  return std::min({files, hypervisor, refresh_due_});
}

HostMonitor::Loop::TimePoint HostMonitor::Loop::NextEventTime(
    const MonitorQueue::PendingEvents& pending) const {
  return std::max(event_due_, pending.event_at + options_.event_delay);
}

bool HostMonitor::Loop::IsAskedForEverything(const MonitorQueue::PendingEvents& pending) const {
  return pending.asked.everything > covered_.everything && Now() >= refresh_due_;
}

bool HostMonitor::Loop::WantsHypervisor(const MonitorQueue::PendingEvents& pending) const {
  if (pending.reading) return false;
  if (pending.asked.domains > covered_.domains || IsAskedForEverything(pending)) return true;
  // After a failure an event is no reason to hurry: a peer that comes and goes would be one.
  if (pending.event && !failing_ && Now() >= NextEventTime(pending)) return true;
  return Now() >= hypervisor_due_;
}

// After a failure nothing of what libvirt is, is known to be so still.
bool HostMonitor::Loop::WantsEverything(const MonitorQueue::PendingEvents& pending) const {
  return pending.lost || IsAskedForEverything(pending) || failing_ || !facts_.ok() ||
         Now() >= hypervisor_due_;
}

void HostMonitor::Loop::PublishIfChanged() {
  auto snapshot = std::make_shared<Snapshot>(sources_.build(files_, facts_));
  std::shared_ptr<const Snapshot> latest = snapshot_.Current();
  const bool same = SameFacts(*latest, *snapshot);
  if (!same) {
    snapshot->revision = latest->revision + 1;
    latest = snapshot;
    snapshot_.Publish(latest);
  }
  // After the facts are out, which are then no younger than their oldest part says.
  if (std::exchange(files_taken_, false)) files_freshness_.MarkRead(files_began_);
  if (std::exchange(taken_, false)) hypervisor_freshness_.MarkRead(began_);
  const bool files_stale = files_freshness_.IsStale();
  const bool hypervisor_stale = hypervisor_freshness_.IsStale();
  if (same && files_stale == told_files_stale_ && hypervisor_stale == told_hypervisor_stale_)
    return;
  told_files_stale_ = files_stale;
  told_hypervisor_stale_ = hypervisor_stale;
  hub_.Notify(std::move(latest));
}

}  // namespace ccplace
