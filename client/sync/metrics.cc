#include "client/sync/metrics.h"

#include <prometheus/collectable.h>
#include <prometheus/exposer.h>
#include <prometheus/metric_family.h>

#include <exception>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "lib/base/text.h"

namespace ccplace::sync {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;

using Labels = std::vector<ClientMetric::Label>;

ClientMetric Sample(MetricType type, double value, Labels labels) {
  ClientMetric metric;
  metric.label = std::move(labels);
  (type == MetricType::Counter ? metric.counter.value : metric.gauge.value) = value;
  return metric;
}

MetricFamily Family(const char* name, const char* help, MetricType type) {
  MetricFamily family;
  family.name = absl::StrCat("ccplace_sync_", name);
  family.help = help;
  family.type = type;
  return family;
}

// The families of one scrape.
class Scrape {
 public:
  void Gauge(const char* name, const char* help, double value) {
    Add(name, help, MetricType::Gauge, value);
  }
  void Counter(const char* name, const char* help, uint64_t value) {
    Add(name, help, MetricType::Counter, static_cast<double>(value));
  }
  void Children(const std::vector<ChildNote>& children) {
    MetricFamily family =
        Family("child_state", "1 for the state each child is in.", MetricType::Gauge);
    MetricFamily back = Family("stand_back", "1: somebody else looks after the child of this name.",
                               MetricType::Gauge);
    for (const ChildNote& child : children) {
      const std::string state(StateWord(child.state));
      family.metric.push_back(
          Sample(MetricType::Gauge, 1, {{"child", child.name}, {"state", state}}));
      back.metric.push_back(
          Sample(MetricType::Gauge, IsStoodBackFrom(child.state) ? 1 : 0, {{"child", child.name}}));
    }
    families_.push_back(std::move(family));
    families_.push_back(std::move(back));
  }
  std::vector<MetricFamily> Take() { return std::move(families_); }

 private:
  void Add(const char* name, const char* help, MetricType type, double value) {
    families_.push_back(Family(name, help, type));
    families_.back().metric.push_back(Sample(type, value, {}));
  }

  std::vector<MetricFamily> families_;
};

double UnixSeconds(const std::optional<std::chrono::system_clock::time_point>& time) {
  if (!time.has_value()) return 0;
  return std::chrono::duration<double>(time->time_since_epoch()).count();
}

std::vector<MetricFamily> FamiliesOf(const ProgressSnapshot& now) {
  Scrape scrape;
  scrape.Gauge("host_connected", "1: the stream of ccplaced's states is open.", now.host_connected);
  scrape.Gauge("in_sync", "1: the last round told Placement the truth.", now.in_sync);
  scrape.Gauge("waiting_for_root", "1: nova has not made the node's provider.",
               now.waiting_for_root);
  scrape.Gauge("last_success_timestamp_seconds", "When Placement was last made or found true.",
               UnixSeconds(now.last_success));
  scrape.Gauge("lag_seconds", "Age of the oldest host state that Placement does not hold.",
               now.lag_seconds);
  scrape.Gauge("last_round_seconds", "From a state's arrival to Placement telling it, last time.",
               now.last_round_seconds);
  scrape.Counter("rounds_total", "Rounds.", now.rounds);
  scrape.Counter("failures_total", "Rounds that failed.", now.failures);
  scrape.Counter("conflicts_total", "Writes planned anew since another came first.", now.conflicts);
  scrape.Counter("reads_total", "GET requests to Placement.", now.requests.reads);
  scrape.Counter("writes_total", "Other requests to Placement.", now.requests.writes);
  scrape.Children(now.children);
  return scrape.Take();
}

class Families : public prometheus::Collectable {
 public:
  explicit Families(const Progress* progress) : progress_(progress) {}
  std::vector<MetricFamily> Collect() const override { return FamiliesOf(progress_->Snapshot()); }

 private:
  const Progress* const progress_;
};

bool IsLoopback(const std::string& address) {
  return absl::StartsWith(address, "127.") || absl::StartsWith(address, "[::1]:");
}

}  // namespace

MetricsServer::MetricsServer() = default;
MetricsServer::~MetricsServer() = default;

absl::StatusOr<std::unique_ptr<MetricsServer>> MetricsServer::Start(const std::string& address,
                                                                    const Progress* progress) {
  if (!IsLoopback(address)) {
    return absl::InvalidArgumentError(absl::StrCat(
        "--metrics_address ", Quoted(address), ": must be a loopback address and a port, as ",
        "127.0.0.1:9465: the figures are served without authentication"));
  }
  std::unique_ptr<MetricsServer> server(new MetricsServer());
  try {
    auto families = std::make_shared<Families>(progress);
    server->exposer_ = std::make_unique<prometheus::Exposer>(address, 1);
    server->exposer_->RegisterCollectable(families);
    server->families_ = std::move(families);
  } catch (const std::exception& error) {
    return absl::UnavailableError(
        absl::StrCat("--metrics_address ", Quoted(address), ": ", Printable(error.what())));
  }
  return server;
}

}  // namespace ccplace::sync
