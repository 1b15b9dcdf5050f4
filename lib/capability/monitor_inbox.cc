#include "lib/capability/monitor_inbox.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "lib/base/status.h"

namespace ccplace {

void MonitorInbox::ForgetLate() {
  const auto is_late = [now = std::chrono::steady_clock::now()](const auto& caller) {
    return caller.deadline <= now;
  };
  askers_.remove_if(is_late);
  const auto late = std::remove_if(defined_.begin(), defined_.end(), is_late);
  if (late == defined_.end()) return;
  defined_.erase(late, defined_.end());
  NoteEvent();
}

void MonitorInbox::NoteEvent() {
  if (!event_) event_at_ = std::chrono::steady_clock::now();
  event_ = true;
}

MonitorInbox::Mail MonitorInbox::Collect(TimePoint until) {
  std::unique_lock<std::mutex> lock(mutex_);
  came_.wait_until(lock, until, [this] { return news_; });
  news_ = false;
  ForgetLate();
  Mail mail;
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
  NoteEvent();
  news_ = true;
  lost_ |= everything;
  came_.notify_one();
}

absl::Status MonitorInbox::Add(Defined& defined) {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (stop_) return StoppingError();
  ForgetLate();
  defined_.push_back(std::move(defined));
  news_ = true;
  came_.notify_one();
  return absl::OkStatus();
}

absl::Status MonitorInbox::Ask(TimePoint deadline, bool everything, Done& done, size_t limit) {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (stop_) return StoppingError();
  ForgetLate();
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
