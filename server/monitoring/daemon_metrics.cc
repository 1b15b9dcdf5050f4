#include "server/monitoring/daemon_metrics.h"

#include <limits>
#include <utility>

#include "lib/observability/metric_family.h"
#include "server/common/version.h"
#include "server/monitoring/host_metrics.h"

namespace ccplace {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;

constexpr auto kOk = static_cast<size_t>(absl::StatusCode::kOk);

// OK from the start, so that a rate can be drawn; the other codes once there was one.
void AddCodes(absl::string_view method, const RpcCounts& counts, MetricFamily& requests) {
  for (size_t i = 0; i < counts.by_code.size(); ++i) {
    if (counts.by_code[i] == 0 && i != kOk) continue;
    const auto code = static_cast<absl::StatusCode>(i);
    AddSample(requests, static_cast<double>(counts.by_code[i]),
              {{"method", std::string(method)}, {"code", absl::StatusCodeToString(code)}});
  }
}

void AddDurations(absl::string_view method, const RpcCounts& counts, MetricFamily& durations) {
  ClientMetric metric;
  metric.label = {{"method", std::string(method)}};
  ClientMetric::Histogram& histogram = metric.histogram;
  for (size_t i = 0; i < counts.by_duration.size(); ++i) {
    const double bound =
        i < kDurationBounds.size() ? kDurationBounds[i] : std::numeric_limits<double>::infinity();
    histogram.sample_count += counts.by_duration[i];
    histogram.bucket.push_back({histogram.sample_count, bound});
  }
  histogram.sample_sum = std::chrono::duration<double>(counts.total_time).count();
  durations.metric.push_back(std::move(metric));
}

void AddCalls(const CallCounts& calls, std::vector<MetricFamily>& out) {
  auto requests = NewCounter("ccplace_rpc_requests_total", "Calls that ended, by status code.");
  auto durations = NewHistogram("ccplace_rpc_duration_seconds",
                                "From a call's arrival to its answer; streams are left out.");
  for (size_t i = 0; i < kRpcs; ++i) {
    const auto rpc = static_cast<Rpc>(i);
    const RpcCounts counts = calls.Read(rpc);
    AddCodes(RpcName(rpc), counts, requests);
    if (rpc != Rpc::kWatchHost) AddDurations(RpcName(rpc), counts, durations);
  }
  out.push_back(std::move(requests));
  out.push_back(std::move(durations));
}

void AddRefused(const RefusedConnections& refused, std::vector<MetricFamily>& out) {
  out.push_back(NewCounter("ccplace_connections_refused_total",
                           "Connections closed for want of room, by the limit that was reached."));
  for (const QuotaResult room : {QuotaResult::kEndpointFull, QuotaResult::kCallerFull}) {
    AddSample(out.back(), static_cast<double>(refused.Read(room)),
              {{"limit", RefusedConnections::FlagOf(room)}});
  }
  AddSample(out.back(), static_cast<double>(refused.for_memory()),
            {{"limit", RefusedConnections::kMemoryFlag}});
}

void AddRefusedCertificates(const RefusedCertificates& refused, std::vector<MetricFamily>& out) {
  out.push_back(NewCounter("ccplace_certificates_refused_total",
                           "Calls over TLS refused because the caller's certificate counts no "
                           "more, by why."));
  for (size_t i = 0; i < kCertificateRefusalNames.size(); ++i) {
    AddSample(out.back(), static_cast<double>(refused.Read(static_cast<CertificateRefusal>(i))),
              {{"reason", std::string(kCertificateRefusalNames[i])}});
  }
}

double Seconds(absl::Time time) { return static_cast<double>(absl::ToUnixSeconds(time)); }

void AddTlsDates(const CertificateValidity& dates, std::vector<MetricFamily>& out) {
  auto from = NewGauge("ccplace_tls_not_before_timestamp_seconds",
                       "When what the flag names begins to be valid. Absent: no TLS.");
  auto until = NewGauge("ccplace_tls_not_after_timestamp_seconds",
                        "When what the flag names ends, and callers are refused. Absent: no TLS.");
  for (const auto& [flag, validity] : {std::pair("tls_certificate", &dates.certificate),
                                       std::pair("tls_client_ca", &dates.client_ca)}) {
    if (!validity->has_value()) continue;
    AddSample(from, Seconds((*validity)->from), {{"flag", flag}});
    AddSample(until, Seconds((*validity)->until), {{"flag", flag}});
  }
  for (auto* family : {&from, &until}) out.push_back(std::move(*family));
}

}  // namespace

std::vector<MetricFamily> CollectMetrics(const ServiceDependencies& dependencies) {
  std::vector<MetricFamily> out = HostMetrics(*dependencies.state);
  AddCalls(*dependencies.calls, out);
  AddRefused(*dependencies.refused, out);
  AddRefusedCertificates(*dependencies.refused_certificates, out);
  AddTlsDates(*dependencies.tls_dates->Current(), out);
  AddGauge(out, "ccplace_libvirt_queue_length", "Calls that wait for a thread to libvirt.",
           static_cast<double>(dependencies.pool->queued()));
  AddGauge(out, "ccplace_libvirt_calls_running", "Calls under way in libvirt.",
           static_cast<double>(dependencies.pool->running()));
  AddGauge(out, "ccplace_watchers", "Open WatchHost streams.",
           static_cast<double>(dependencies.watchers->count()));
  AddGauge(out, "ccplace_build_info", "Always 1; the labels say what runs.", 1,
           {{"version", kVersion}});
  return out;
}

absl::StatusOr<std::unique_ptr<MetricsServer>> OpenMetrics(
    const ObserveOptions& options, const ServiceDependencies& dependencies) {
  return MetricsServer::OpenForFlag(options.metrics_address,
                                    [dependencies] { return CollectMetrics(dependencies); });
}

}  // namespace ccplace
