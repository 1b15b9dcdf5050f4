// How the monitor's thread starts readings and records what they found.
#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "lib/base/text.h"
#include "lib/capability/monitor/monitor_loop.h"

namespace ccplace {
namespace {

constexpr size_t kReasonLimitBytes = 512;

}  // namespace

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
  // A reading that is only late can still complete its callers.
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
  if (HasMeasured()) return sources_.measure_firmware(files_);
  measuring_due_ = std::min(measuring_due_, Now() + options_.measuring_delay);
}

void HostMonitor::Loop::MeasureFirst() {
  if (HasMeasured() || Now() < measuring_due_) return;
  measuring_due_ = TimePoint::min();
  sources_.measure_firmware(files_);
  PublishIfChanged();
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
  // Held by both, so that the reading's end is recorded before the next can begin.
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

}  // namespace ccplace
