#include "lib/capability/host_monitor.h"

#include <algorithm>
#include <future>
#include <optional>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "lib/base/atomic_shared_ptr.h"
#include "lib/base/backoff.h"
#include "lib/base/status.h"
#include "lib/base/text.h"
#include "lib/capability/facts.h"
#include "lib/capability/monitor_queue.h"
#include "lib/capability/source_freshness.h"
#include "lib/capability/watch_hub.h"

namespace ccplace {
namespace {

using TimePoint = std::chrono::steady_clock::time_point;

constexpr size_t kReasonLimitBytes = 512;

TimePoint Now() { return std::chrono::steady_clock::now(); }

absl::Status NotReadInTimeError() {
  return absl::DeadlineExceededError("libvirt was not read before the deadline");
}

absl::Status NotReadYet() { return absl::UnavailableError("libvirt was not read yet"); }

std::shared_ptr<const Snapshot> FirstSnapshot(const FactSources& sources) {
  auto snapshot = std::make_shared<Snapshot>(sources.build(HostFileFacts(), NotReadYet()));
  snapshot->revision = 1;
  return snapshot;
}

}  // namespace

// Everything but what readers share is touched by the one thread alone.
class HostMonitor::Loop {
 public:
  Loop(const HostMonitorOptions& options, FactSources sources,
       std::shared_ptr<Hypervisor> hypervisor, WorkPool& pool, const Clock& clock, uint64_t seed);
  ~Loop();
  bool Stop(TimePoint deadline);

  std::shared_ptr<const Snapshot> Current() const { return snapshot_.Current(); }
  v1::Freshness FreshnessNow() const;
  void Refresh(TimePoint deadline, bool everything, std::function<void(absl::Status)> done);
  void AddDomain(MonitorQueue::NewDomain defined);
  std::unique_ptr<WatchHandle> Watch(WatchCallback callback) {
    return hub_.Watch(std::move(callback));
  }

 private:
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
  absl::StatusOr<HypervisorFacts> facts_ = NotReadYet();
  std::vector<DomainDescription> unread_;  // Defined since the reading under way began.
  TimePoint files_began_;                  // The latest reading of all files, by clock_.
  TimePoint all_files_due_;
  TimePoint kernel_due_;
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

v1::Freshness HostMonitor::Loop::FreshnessNow() const {
  v1::Freshness freshness;
  files_freshness_.Fill(*freshness.mutable_host_files());
  hypervisor_freshness_.Fill(*freshness.mutable_hypervisor());
  freshness.set_stale(freshness.host_files().stale() || freshness.hypervisor().stale());
  return freshness;
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
    pending = queue_->Collect(NextStep(pending));
  }
  for (const MonitorQueue::NewDomain& defined : pending.defined) defined.done(StoppingError());
  Finish(queue_->TakeWaiters({UINT64_MAX, UINT64_MAX}, StoppingError()));
}

// A reading that is under way ends the wait by itself.
TimePoint HostMonitor::Loop::NextStep(const MonitorQueue::PendingEvents& pending) const {
  const TimePoint files = std::min(all_files_due_, kernel_due_);
  if (pending.reading) return files;
  const TimePoint hypervisor =
      pending.event && !failing_ ? NextEventTime(pending) : hypervisor_due_;
  if (pending.asked.everything <= covered_.everything) return std::min(files, hypervisor);
  return std::min({files, hypervisor, refresh_due_});
}

TimePoint HostMonitor::Loop::NextEventTime(const MonitorQueue::PendingEvents& pending) const {
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

void HostMonitor::Loop::RecordReading(MonitorQueue::PendingEvents& pending) {
  if (!pending.failure.ok()) RecordFailure(pending.failure);
  if (pending.facts.has_value()) RecordFacts(*std::move(pending.facts));
}

void HostMonitor::Loop::RecordFacts(absl::StatusOr<HypervisorFacts> facts) {
  failing_ = !facts.ok();
  if (covered_.everything < answering_.everything) refresh_due_ = Now() + options_.refresh_gap;
  covered_ = answering_;
  event_due_ = Now() + options_.event_gap;
  if (failing_) {
    if (!facts_.ok()) facts_ = facts.status();
    hypervisor_freshness_.MarkFailed(Printable(facts.status().message(), kReasonLimitBytes));
    hypervisor_due_ = Now() + backoff_.Next();
    return;
  }
  facts_ = std::move(facts);
  for (DomainDescription& domain : std::exchange(unread_, {})) {
    facts_ = sources_.add_domain(*std::move(facts_), std::move(domain));
  }
  taken_ = true;
  hypervisor_due_ = std::max(event_due_, started_ + options_.refresh_interval);
  backoff_.Reset();
}

// A reading that is under way may have listed the domains before.
std::vector<MonitorQueue::Completion> HostMonitor::Loop::AddNewDomains(
    MonitorQueue::PendingEvents& pending) {
  std::vector<MonitorQueue::Completion> completions;
  for (MonitorQueue::NewDomain& defined : pending.defined) {
    if (failing_ || !facts_.ok()) {
      Refresh(defined.deadline, /*everything=*/false, std::move(defined.done));
      continue;
    }
    if (pending.reading) unread_.push_back(defined.domain);
    facts_ = sources_.add_domain(*std::move(facts_), std::move(defined.domain));
    completions.push_back({std::move(defined.done), absl::OkStatus()});
  }
  return completions;
}

void HostMonitor::Loop::RecordFailure(const absl::Status& why) {
  failing_ = true;
  refresh_due_ = Now() + options_.refresh_gap;
  if (!facts_.ok()) facts_ = why;
  hypervisor_due_ = Now() + backoff_.Next();
  hypervisor_freshness_.MarkFailed(
      absl::StrCat("libvirt was not read: ", Printable(why.message(), kReasonLimitBytes)));
  // A reading that is only late can still answer those who wait for it.
  if (!absl::IsDeadlineExceeded(why)) Finish(queue_->TakeWaiters(answering_, why));
}

void HostMonitor::Loop::ReadFiles(bool all) {
  if (all) {
    files_began_ = clock_.Monotonic();
    files_ = sources_.read_files();
    all_files_due_ = Now() + options_.refresh_interval;
  } else {
    sources_.reread_kernel(files_);
  }
  kernel_due_ = Now() + options_.kernel_interval;
  files_taken_ = true;
}

std::function<absl::StatusOr<HypervisorFacts>()> HostMonitor::Loop::Source(bool everything) const {
  if (everything) return sources_.read_hypervisor;
  return [reread = sources_.reread_domains, known = *facts_] { return reread(known); };
}

void HostMonitor::Loop::StartReading(const MonitorQueue::Waiters& asked, bool everything) {
  const TimePoint now = Now();
  if (everything) {
    began_ = clock_.Monotonic();
    started_ = now;
    answering_.everything = std::max(answering_.everything, asked.everything);
  }
  answering_.domains = std::max(answering_.domains, asked.domains);
  unread_.clear();
  // Held by both: whatever becomes of the work, its end is heard of before the next can begin.
  const auto ticket = std::make_shared<MonitorQueue::Ticket>(queue_, everything);
  auto read = [ticket, queue = queue_, source = Source(everything)] {
    queue->Deliver(source());
    return absl::OkStatus();
  };
  auto done = [ticket, queue = queue_](absl::Status status) {
    if (!status.ok()) queue->ReadFailed(std::move(status));
  };
  pool_.Run(now + options_.read_timeout, std::move(read), std::move(done));
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

HostMonitor::HostMonitor(const HostMonitorOptions& options, FactSources sources,
                         std::shared_ptr<Hypervisor> hypervisor, WorkPool& pool, const Clock& clock,
                         uint64_t seed)
    : loop_(std::make_unique<Loop>(options, std::move(sources), std::move(hypervisor), pool, clock,
                                   seed)) {}

HostMonitor::~HostMonitor() = default;

std::shared_ptr<const Snapshot> HostMonitor::Current() const { return loop_->Current(); }

v1::Freshness HostMonitor::FreshnessNow() const { return loop_->FreshnessNow(); }

void HostMonitor::Refresh(TimePoint deadline, std::function<void(absl::Status)> done) {
  loop_->Refresh(deadline, /*everything=*/true, std::move(done));
}

void HostMonitor::RefreshDomains(TimePoint deadline, std::function<void(absl::Status)> done) {
  loop_->Refresh(deadline, /*everything=*/false, std::move(done));
}

void HostMonitor::AddDomain(const DomainDescription& domain, TimePoint deadline,
                            std::function<void(absl::Status)> done) {
  loop_->AddDomain({domain, deadline, std::move(done)});
}

bool HostMonitor::Stop(TimePoint deadline) { return loop_->Stop(deadline); }

std::unique_ptr<WatchHandle> HostMonitor::Watch(WatchCallback callback) {
  return loop_->Watch(std::move(callback));
}

}  // namespace ccplace
