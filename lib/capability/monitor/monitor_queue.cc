#include "lib/capability/monitor/monitor_queue.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "lib/base/status.h"

namespace ccplace {

void MonitorQueue::ForgetLate() {
  const auto is_late = [now = std::chrono::steady_clock::now()](const auto& caller) {
    return caller.deadline <= now;
  };
  waiters_.remove_if(is_late);
  const auto late = std::remove_if(defined_.begin(), defined_.end(), is_late);
  if (late == defined_.end()) return;
  defined_.erase(late, defined_.end());
  RecordEvent();
}

void MonitorQueue::RecordEvent() {
  if (!event_) event_at_ = std::chrono::steady_clock::now();
  event_ = true;
}

MonitorQueue::PendingEvents MonitorQueue::Collect(TimePoint until) {
  std::unique_lock<std::mutex> lock(mutex_);
  came_.wait_until(lock, until, [this] { return news_; });
  news_ = false;
  ForgetLate();
  PendingEvents pending;
  pending.stop = stop_;
  pending.event = event_;
  pending.event_at = event_at_;
  pending.reading = reading_;
  pending.lost = lost_;
  for (const Waiter& waiter : waiters_) {
    (waiter.everything ? pending.asked.everything : pending.asked.domains) = waiter.number;
  }
  pending.defined = std::exchange(defined_, {});
  pending.failure = std::exchange(failure_, absl::OkStatus());
  pending.facts = std::exchange(facts_, std::nullopt);
  return pending;
}

void MonitorQueue::Stop() {
  const std::lock_guard<std::mutex> lock(mutex_);
  stop_ = news_ = true;
  came_.notify_one();
}

void MonitorQueue::Event(bool everything) {
  const std::lock_guard<std::mutex> lock(mutex_);
  RecordEvent();
  news_ = true;
  lost_ |= everything;
  came_.notify_one();
}

absl::Status MonitorQueue::Add(NewDomain& defined) {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (stop_) return StoppingError();
  ForgetLate();
  defined_.push_back(std::move(defined));
  news_ = true;
  came_.notify_one();
  return absl::OkStatus();
}

absl::Status MonitorQueue::AddWaiter(TimePoint deadline, bool everything, Done& done,
                                     size_t limit) {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (stop_) return StoppingError();
  ForgetLate();
  const auto wants_everything = [](const Waiter& waiter) { return waiter.everything; };
  if (everything && static_cast<size_t>(std::count_if(waiters_.begin(), waiters_.end(),
                                                      wants_everything)) >= limit) {
    return absl::ResourceExhaustedError(absl::StrCat(
        limit, " callers wait for a refresh already, which is the limit; retry later"));
  }
  waiters_.push_back({++last_number_, deadline, everything, std::move(done)});
  news_ = true;
  came_.notify_one();
  return absl::OkStatus();
}

std::vector<MonitorQueue::Completion> MonitorQueue::TakeWaiters(const Waiters& upto,
                                                                const absl::Status& status) {
  std::vector<Completion> completions;
  const std::lock_guard<std::mutex> lock(mutex_);
  for (auto waiter = waiters_.begin(); waiter != waiters_.end();) {
    if (waiter->number > (waiter->everything ? upto.everything : upto.domains)) {
      ++waiter;
      continue;
    }
    completions.push_back({std::move(waiter->done), status});
    waiter = waiters_.erase(waiter);
  }
  return completions;
}

void MonitorQueue::BeginReading(bool everything) {
  const std::lock_guard<std::mutex> lock(mutex_);
  reading_ = true;
  // A loss of the connection after this reading was decided on needs another one.
  if (everything) lost_ = false;
  event_ = lost_;
}

void MonitorQueue::EndReading() {
  const std::lock_guard<std::mutex> lock(mutex_);
  reading_ = false;
  news_ = true;
  came_.notify_one();
}

void MonitorQueue::Deliver(absl::StatusOr<HypervisorFacts> facts) {
  const std::lock_guard<std::mutex> lock(mutex_);
  facts_ = std::move(facts);
  news_ = true;
  came_.notify_one();
}

void MonitorQueue::ReadFailed(absl::Status why) {
  const std::lock_guard<std::mutex> lock(mutex_);
  failure_ = std::move(why);
  news_ = true;
  came_.notify_one();
}

MonitorQueue::Ticket::Ticket(std::shared_ptr<MonitorQueue> queue, bool everything)
    : queue_(std::move(queue)) {
  queue_->BeginReading(everything);
}

MonitorQueue::Ticket::~Ticket() { queue_->EndReading(); }

}  // namespace ccplace
