#include "lib/capability/host_monitor.h"

#include <algorithm>
#include <future>
#include <optional>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "lib/base/backoff.h"
#include "lib/base/published.h"
#include "lib/base/status.h"
#include "lib/base/text.h"
#include "lib/capability/facts.h"
#include "lib/capability/monitor_inbox.h"
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
  void AddDomain(MonitorInbox::Defined defined);
  std::unique_ptr<WatchHandle> Watch(WatchCallback callback) {
    return hub_.Watch(std::move(callback));
  }

 private:
  void Run();
  TimePoint NextStep(const MonitorInbox::Mail& mail) const;
  void TakeReading(MonitorInbox::Mail& mail);
  void TakeFacts(absl::StatusOr<HypervisorFacts> facts);
  std::vector<MonitorInbox::Answer> TakeDefined(MonitorInbox::Mail& mail);
  void TakeMiss(const absl::Status& why);
  TimePoint EventDue(const MonitorInbox::Mail& mail) const;
  bool IsAskedForEverything(const MonitorInbox::Mail& mail) const;
  bool WantsHypervisor(const MonitorInbox::Mail& mail) const;
  bool WantsEverything(const MonitorInbox::Mail& mail) const;
  void ReadFiles(bool all);
  void StartReading(const MonitorInbox::Asked& asked, bool everything);
  std::function<absl::StatusOr<HypervisorFacts>()> Source(bool everything) const;
  void PublishIfChanged();
  // Keeps the deadline where the one thread hangs in a file system.
  MonitorInbox::Done AnsweredBy(TimePoint deadline, MonitorInbox::Done done);
  static void Give(const std::vector<MonitorInbox::Answer>& answers);

  const HostMonitorOptions options_;
  const FactSources sources_;
  const std::shared_ptr<Hypervisor> hypervisor_;
  WorkPool& pool_;
  const Clock& clock_;
  const std::shared_ptr<MonitorInbox> inbox_ = std::make_shared<MonitorInbox>();

  // Shared with readers.
  Published<Snapshot> snapshot_;
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
  TimePoint event_due_;            // No reading for an event before this.
  TimePoint began_;                // Of the latest reading of all of libvirt, by clock_.
  TimePoint started_;              // The same moment by the machine's clock.
  TimePoint refresh_due_;          // No reading for a caller of Refresh before this.
  MonitorInbox::Asked answering_;  // Callers up to here began before the latest reading.
  MonitorInbox::Asked covered_;    // Callers up to here can be answered.
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
  hypervisor_->SetListener([inbox = inbox_](HypervisorEvent event) {
    inbox->Event(/*everything=*/event == HypervisorEvent::kConnectionLost);
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
  inbox_->Stop();
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
  done = AnsweredBy(deadline, std::move(done));
  const absl::Status refusal = inbox_->Ask(deadline, everything, done, options_.refresh_limit);
  if (!refusal.ok()) done(refusal);
}

void HostMonitor::Loop::AddDomain(MonitorInbox::Defined defined) {
  defined.done = AnsweredBy(defined.deadline, std::move(defined.done));
  const absl::Status refusal = inbox_->Add(defined);
  if (!refusal.ok()) defined.done(refusal);
}

MonitorInbox::Done HostMonitor::Loop::AnsweredBy(TimePoint deadline, MonitorInbox::Done done) {
  return pool_.Within(deadline, std::move(done), NotReadInTimeError());
}

void HostMonitor::Loop::Give(const std::vector<MonitorInbox::Answer>& answers) {
  for (const MonitorInbox::Answer& answer : answers) answer.Give();
}

void HostMonitor::Loop::Run() {
  MonitorInbox::Mail mail = inbox_->Collect(Now());
  while (!mail.stop) {
    TakeReading(mail);
    const std::vector<MonitorInbox::Answer> taken = TakeDefined(mail);
    const bool read_hypervisor = WantsHypervisor(mail);
    const bool everything = read_hypervisor && WantsEverything(mail);
    const bool asked_all = everything && mail.asked.everything > answering_.everything;
    const bool asked = read_hypervisor && mail.asked.domains > answering_.domains;
    const bool all_files = asked_all || Now() >= all_files_due_;
    if (all_files || asked || Now() >= kernel_due_) ReadFiles(all_files);
    PublishIfChanged();
    Give(taken);
    Give(inbox_->TakeAsked(covered_, absl::OkStatus()));
    if (read_hypervisor) StartReading(mail.asked, everything);
    mail.reading |= read_hypervisor;
    mail = inbox_->Collect(NextStep(mail));
  }
  for (const MonitorInbox::Defined& defined : mail.defined) defined.done(StoppingError());
  Give(inbox_->TakeAsked({UINT64_MAX, UINT64_MAX}, StoppingError()));
}

// A reading that is under way ends the wait by itself.
TimePoint HostMonitor::Loop::NextStep(const MonitorInbox::Mail& mail) const {
  const TimePoint files = std::min(all_files_due_, kernel_due_);
  if (mail.reading) return files;
  const TimePoint hypervisor = mail.event && !failing_ ? EventDue(mail) : hypervisor_due_;
  if (mail.asked.everything <= covered_.everything) return std::min(files, hypervisor);
  return std::min({files, hypervisor, refresh_due_});
}

TimePoint HostMonitor::Loop::EventDue(const MonitorInbox::Mail& mail) const {
  return std::max(event_due_, mail.event_at + options_.event_delay);
}

bool HostMonitor::Loop::IsAskedForEverything(const MonitorInbox::Mail& mail) const {
  return mail.asked.everything > covered_.everything && Now() >= refresh_due_;
}

bool HostMonitor::Loop::WantsHypervisor(const MonitorInbox::Mail& mail) const {
  if (mail.reading) return false;
  if (mail.asked.domains > covered_.domains || IsAskedForEverything(mail)) return true;
  // After a failure an event is no reason to hurry: a peer that comes and goes would be one.
  if (mail.event && !failing_ && Now() >= EventDue(mail)) return true;
  return Now() >= hypervisor_due_;
}

// After a failure nothing of what libvirt is, is known to be so still.
bool HostMonitor::Loop::WantsEverything(const MonitorInbox::Mail& mail) const {
  return mail.lost || IsAskedForEverything(mail) || failing_ || !facts_.ok() ||
         Now() >= hypervisor_due_;
}

void HostMonitor::Loop::TakeReading(MonitorInbox::Mail& mail) {
  if (!mail.missed.ok()) TakeMiss(mail.missed);
  if (mail.facts.has_value()) TakeFacts(*std::move(mail.facts));
}

void HostMonitor::Loop::TakeFacts(absl::StatusOr<HypervisorFacts> facts) {
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
std::vector<MonitorInbox::Answer> HostMonitor::Loop::TakeDefined(MonitorInbox::Mail& mail) {
  std::vector<MonitorInbox::Answer> answers;
  for (MonitorInbox::Defined& defined : mail.defined) {
    if (failing_ || !facts_.ok()) {
      Refresh(defined.deadline, /*everything=*/false, std::move(defined.done));
      continue;
    }
    if (mail.reading) unread_.push_back(defined.domain);
    facts_ = sources_.add_domain(*std::move(facts_), std::move(defined.domain));
    answers.push_back({std::move(defined.done), absl::OkStatus()});
  }
  return answers;
}

void HostMonitor::Loop::TakeMiss(const absl::Status& why) {
  failing_ = true;
  refresh_due_ = Now() + options_.refresh_gap;
  if (!facts_.ok()) facts_ = why;
  hypervisor_due_ = Now() + backoff_.Next();
  hypervisor_freshness_.MarkFailed(
      absl::StrCat("libvirt was not read: ", Printable(why.message(), kReasonLimitBytes)));
  // A reading that is only late can still answer those who wait for it.
  if (!absl::IsDeadlineExceeded(why)) Give(inbox_->TakeAsked(answering_, why));
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

void HostMonitor::Loop::StartReading(const MonitorInbox::Asked& asked, bool everything) {
  const TimePoint now = Now();
  if (everything) {
    began_ = clock_.Monotonic();
    started_ = now;
    answering_.everything = std::max(answering_.everything, asked.everything);
  }
  answering_.domains = std::max(answering_.domains, asked.domains);
  unread_.clear();
  // Held by both: whatever becomes of the work, its end is heard of before the next can begin.
  const auto ticket = std::make_shared<MonitorInbox::Ticket>(inbox_, everything);
  auto read = [ticket, inbox = inbox_, source = Source(everything)] {
    inbox->Deliver(source());
    return absl::OkStatus();
  };
  auto done = [ticket, inbox = inbox_](absl::Status status) {
    if (!status.ok()) inbox->Missed(std::move(status));
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
  hub_.Tell(std::move(latest));
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
