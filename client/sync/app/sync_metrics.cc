#include "client/sync/app/sync_metrics.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "lib/observability/metric_family.h"
#include "lib/placement/provider_tree.h"

namespace ccplace::sync {
namespace {

using prometheus::MetricFamily;

void AddTimes(const ProgressSnapshot& now, std::vector<MetricFamily>& out) {
  auto success =
      NewGauge("ccplace_sync_last_success_timestamp_seconds",
               "When Placement was last made or found true of a connected host. Absent: not yet.");
  if (now.last_success.has_value()) {
    const auto since_epoch = now.last_success->time_since_epoch();
    AddSample(success, std::chrono::duration<double>(since_epoch).count());
  }
  out.push_back(std::move(success));
  AddGauge(out, "ccplace_sync_lag_seconds",
           "Age of the oldest host state that Placement does not hold.", now.lag_seconds);
  AddGauge(out, "ccplace_sync_last_round_seconds",
           "From a state's arrival to Placement telling it, last time.", now.last_round_seconds);
}

void AddRequests(const RequestCounts& counts, std::vector<MetricFamily>& out) {
  auto requests = NewCounter("ccplace_sync_requests_total",
                             "Requests to Placement, by HTTP status; none: no answer came.");
  for (const auto& [key, count] : counts) {
    const auto& [method, status] = key;
    AddSample(requests, static_cast<double>(count),
              {{"method", method}, {"code", status == 0 ? "none" : absl::StrCat(status)}});
  }
  out.push_back(std::move(requests));
}

void AddChildren(const std::vector<ChildStatus>& children, std::vector<MetricFamily>& out) {
  auto states = NewGauge("ccplace_sync_child_state", "1 for the state that each child is in.");
  auto stand_back = NewGauge("ccplace_sync_stand_back",
                             "1: somebody else looks after the provider of this name.");
  for (const ChildStatus& child : children) {
    const MetricLabels labels = {{"model", std::string(ModelName(child.model))},
                                 {"child", child.name}};
    MetricLabels with_state = labels;
    with_state.push_back({"state", std::string(StateName(child.state))});
    AddSample(states, 1, std::move(with_state));
    AddSample(stand_back, IsSkipped(child.state) ? 1 : 0, labels);
  }
  out.push_back(std::move(states));
  out.push_back(std::move(stand_back));
}

}  // namespace

std::vector<MetricFamily> CollectMetrics(const ProgressSnapshot& now) {
  std::vector<MetricFamily> out;
  AddGauge(out, "ccplace_build_info", "Always 1; the labels say what runs.", 1,
           {{"version", CCPLACE_VERSION}});
  AddGauge(out, "ccplace_sync_host_connected", "1: the stream of ccplaced's states is open.",
           now.host_connected);
  AddGauge(out, "ccplace_sync_in_sync",
           "1: ccplaced is connected, and the last round wrote to Placement what it says.",
           now.in_sync);
  AddGauge(out, "ccplace_sync_waiting_for_root", "1: nova has not made the node's provider.",
           now.waiting_for_root);
  AddTimes(now, out);
  AddCounter(out, "ccplace_sync_rounds_total", "Rounds.", now.rounds);
  AddCounter(out, "ccplace_sync_failures_total", "Rounds that failed.", now.failures);
  AddCounter(out, "ccplace_sync_conflicts_total",
             "Writes planned again because another came first.", now.conflicts);
  AddCounter(out, "ccplace_sync_removed_by_others_total",
             "Children of ours that somebody else removed.", now.removed);
  AddCounter(out, "ccplace_sync_overwritten_by_others_total",
             "Times that somebody else changed figures of ours.", now.overwritten);
  AddCounter(out, "ccplace_sync_answers_not_asked_for_total",
             "Rounds given up since Placement answered other providers than were asked for.",
             now.not_asked_for);
  AddRequests(now.requests, out);
  AddChildren(now.children, out);
  return out;
}

absl::StatusOr<std::unique_ptr<MetricsServer>> OpenMetrics(const std::string& address,
                                                           const Progress* progress) {
  return MetricsServer::OpenForFlag(address,
                                    [progress] { return CollectMetrics(progress->Snapshot()); });
}

}  // namespace ccplace::sync
