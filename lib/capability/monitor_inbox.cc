#include "lib/capability/monitor_inbox.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "lib/base/status.h"

namespace ccplace {

absl::Status NotReadInTimeError() {
  return absl::DeadlineExceededError("libvirt was not read before the deadline");
}

MonitorInbox::TimePoint MonitorInbox::FirstDeadline() const {
  TimePoint first = TimePoint::max();
  for (const Asker& asker : askers_) first = std::min(first, asker.deadline);
  return first;
}

std::vector<MonitorInbox::Answer> MonitorInbox::TakeExpired() {
  std::vector<Answer> expired;
  const TimePoint now = std::chrono::steady_clock::now();
  for (auto asker = askers_.begin(); asker != askers_.end();) {
    if (asker->deadline > now) {
      ++asker;
      continue;
    }
    expired.push_back({std::move(asker->done), NotReadInTimeError()});
    asker = askers_.erase(asker);
  }
  return expired;
}

MonitorInbox::Mail MonitorInbox::Collect(TimePoint until) {
  std::unique_lock<std::mutex> lock(mutex_);
  came_.wait_until(lock, std::min(until, FirstDeadline()), [this] { return news_; });
  news_ = false;
  Mail mail;
  mail.expired = TakeExpired();
  mail.stop = stop_;
  mail.event = event_;
  mail.event_at = event_at_;
  mail.reading = reading_;
  mail.lost = lost_;
  for (const Asker& asker : askers_) {
    (asker.everything ? mail.asked.everything : mail.asked.domains) = asker.number;
  }
  mail.defined = std::exchange(defined_, {});
  mail.missed = std::exchange(missed_, absl::OkStatus());
  mail.facts = std::exchange(facts_, std::nullopt);
  return mail;
}

void MonitorInbox::Stop() {
  const std::lock_guard<std::mutex> lock(mutex_);
  stop_ = news_ = true;
  came_.notify_one();
}

void MonitorInbox::Event(bool everything) {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (!event_) event_at_ = std::chrono::steady_clock::now();
  event_ = news_ = true;
  lost_ |= everything;
  came_.notify_one();
}

absl::Status MonitorInbox::Add(Defined& defined) {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (stop_) return StoppingError();
  defined_.push_back(std::move(defined));
  news_ = true;
  came_.notify_one();
  return absl::OkStatus();
}

absl::Status MonitorInbox::Ask(TimePoint deadline, bool everything, Done& done, size_t limit) {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (stop_) return StoppingError();
  const auto wants_everything = [](const Asker& asker) { return asker.everything; };
  if (everything && static_cast<size_t>(
                        std::count_if(askers_.begin(), askers_.end(), wants_everything)) >= limit) {
    return absl::ResourceExhaustedError(absl::StrCat(
        limit, " callers wait for a refresh already, which is the limit; retry later"));
  }
  askers_.push_back({++last_number_, deadline, everything, std::move(done)});
  news_ = true;
  came_.notify_one();
  return absl::OkStatus();
}

std::vector<MonitorInbox::Answer> MonitorInbox::TakeAsked(const Asked& upto,
                                                          const absl::Status& status) {
  std::vector<Answer> answers;
  const std::lock_guard<std::mutex> lock(mutex_);
  for (auto asker = askers_.begin(); asker != askers_.end();) {
    if (asker->number > (asker->everything ? upto.everything : upto.domains)) {
      ++asker;
      continue;
    }
    answers.push_back({std::move(asker->done), status});
    asker = askers_.erase(asker);
  }
  return answers;
}

void MonitorInbox::BeginReading(bool everything) {
  const std::lock_guard<std::mutex> lock(mutex_);
  reading_ = true;
  // A loss that was heard of since the reading was decided on wants another one.
  if (everything) lost_ = false;
  event_ = lost_;
}

void MonitorInbox::EndReading() {
  const std::lock_guard<std::mutex> lock(mutex_);
  reading_ = false;
  news_ = true;
  came_.notify_one();
}

void MonitorInbox::Deliver(absl::StatusOr<HypervisorFacts> facts) {
  const std::lock_guard<std::mutex> lock(mutex_);
  facts_ = std::move(facts);
  news_ = true;
  came_.notify_one();
}

void MonitorInbox::Missed(absl::Status why) {
  const std::lock_guard<std::mutex> lock(mutex_);
  missed_ = std::move(why);
  news_ = true;
  came_.notify_one();
}

MonitorInbox::Ticket::Ticket(std::shared_ptr<MonitorInbox> inbox, bool everything)
    : inbox_(std::move(inbox)) {
  inbox_->BeginReading(everything);
}

MonitorInbox::Ticket::~Ticket() { inbox_->EndReading(); }

}  // namespace ccplace
