#include "client/sync/app/progress.h"

#include <spdlog/spdlog.h>
#include <systemd/sd-daemon.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "client/sync/placement/placement_json.h"
#include "lib/base/status.h"
#include "lib/base/text.h"

namespace ccplace::sync {
namespace {

constexpr size_t kLineLimit = 1024;  // Of what others said, in a line of the log or of systemd's.

double SecondsSince(std::chrono::steady_clock::time_point since) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - since).count();
}

// What somebody should look at. A child that is nova's, and in order, is not.
bool IsLoud(ChildState state) {
  return (IsSkipped(state) && state != ChildState::kOwnedByNova) ||
         state == ChildState::kOvercommitted || state == ChildState::kDraining;
}

std::string StateText(const SyncReport& report) {
  if (!report.status.ok()) return std::string(report.status.message());
  for (const ChildStatus& child : report.notes) {
    if (IsSkipped(child.state)) return absl::StrCat("leaves it alone: ", child.why);
  }
  return "Placement is up to date";
}

}  // namespace

void Progress::OnRound(const SyncReport& report, std::chrono::steady_clock::time_point since) {
  LogSteps(report);
  LogChildren(report);
  LogRenamedTraits(report);
  LogStateFile(report.state_file);
  LogFailure(report.status);
  const std::lock_guard<std::mutex> lock(mutex_);
  Take(report, since);
  NotifySystemd();
}

void Progress::Take(const SyncReport& report, std::chrono::steady_clock::time_point since) {
  round_ok_ = report.status.ok();
  round_text_ = StateText(report);
  now_.waiting_for_root = absl::IsNotFound(report.status);
  ++now_.rounds;
  now_.conflicts += report.conflicts;
  now_.removed += report.removed;
  now_.overwritten += report.overwritten;
  if (ReasonOf(report.status) == kNotAskedFor) ++now_.not_asked_for;
  now_.requests = placement_->counts();
  if (!report.notes.empty()) now_.children = report.notes;
  if (report.status.ok()) {
    if (now_.host_connected) now_.last_success = std::chrono::system_clock::now();
    now_.last_round_seconds = SecondsSince(since);
    pending_since_.reset();
  } else {
    ++now_.failures;
    pending_since_ = since;
  }
}

void Progress::OnHostState() {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (!now_.host_connected) spdlog::info("ccplaced: connected");
  now_.host_connected = true;
  if (!std::exchange(loss_, "").empty()) NotifySystemd();
  if (!pending_since_.has_value()) pending_since_ = std::chrono::steady_clock::now();
}

void Progress::OnHostLost(const absl::Status& why, std::chrono::milliseconds wait) {
  spdlog::warn("ccplaced: {}; next try in {} ms; Placement keeps what it holds",
               Printable(why.message(), kLineLimit), wait.count());
  const std::lock_guard<std::mutex> lock(mutex_);
  now_.host_connected = false;
  loss_ = absl::StrCat("ccplaced is not connected: ", why.message());
  NotifySystemd();
}

ProgressSnapshot Progress::Snapshot() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  ProgressSnapshot snapshot = now_;
  snapshot.in_sync = round_ok_ && now_.host_connected;
  if (pending_since_.has_value()) snapshot.lag_seconds = SecondsSince(*pending_since_);
  return snapshot;
}

// Says a failure once, until another comes or it works again.
void Progress::LogFailure(const absl::Status& status) {
  const std::string text = status.ok() ? "" : status.ToString();
  if (text == last_failure_) return;
  if (!status.ok()) spdlog::warn("{}", std::string(status.message()));
  if (status.ok()) spdlog::info("Placement is up to date again");
  last_failure_ = text;
}

void Progress::LogStateFile(const absl::Status& status) {
  const std::string text(status.message());
  if (text == std::exchange(last_state_file_, text) || status.ok()) return;
  spdlog::warn("removals of children are not remembered over a restart: {}",
               Printable(text, kLineLimit));
}

void Progress::LogSteps(const SyncReport& report) {
  for (const Step& step : report.steps) spdlog::info("{}", step.why);
  if (report.conflicts > 0) {
    spdlog::info("somebody else wrote at the same time: planned again {} times", report.conflicts);
  }
  if (report.overwritten > 0) {
    spdlog::warn(
        "somebody else changed what ccplace-sync had written (children: {}): is there a second one "
        "for this node, or another host?",
        report.overwritten);
  }
}

void Progress::LogChildren(const SyncReport& report) {
  for (const ChildStatus& child : report.notes) {
    const std::string word(StateName(child.state));
    std::string& logged = logged_children_[child.name];
    if (logged == word) continue;
    logged = word;
    spdlog::log(IsLoud(child.state) ? spdlog::level::warn : spdlog::level::info, "{}: {}: {}",
                child.name, word, child.why);
  }
}

void Progress::LogRenamedTraits(const SyncReport& report) {
  if (report.renamed_traits == logged_traits_) return;
  logged_traits_ = report.renamed_traits;
  for (const auto& [trait, name] : report.renamed_traits) {
    spdlog::warn(
        "this Placement does not know the trait {} (its os-traits is too old): {} is used instead; "
        "start ccplaced with --rename_traits={}={}, else its queries ask for what is not there",
        trait, name, trait, name);
  }
}

// Does nothing where systemd is not there.
void Progress::NotifySystemd() const {
  const absl::string_view ready = round_text_.empty() ? "" : "READY=1\n";
  const std::string& text = loss_.empty() ? round_text_ : loss_;
  sd_notify(0, absl::StrCat(ready, "STATUS=", Printable(text, kLineLimit)).c_str());
}

}  // namespace ccplace::sync
