#include "lib/observability/metric_family.h"

#include <utility>

namespace ccplace {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;

MetricFamily New(std::string name, std::string help, MetricType type) {
  MetricFamily family;
  family.name = std::move(name);
  family.help = std::move(help);
  family.type = type;
  return family;
}

}  // namespace

MetricFamily NewGauge(std::string name, std::string help) {
  return New(std::move(name), std::move(help), MetricType::Gauge);
}

MetricFamily NewCounter(std::string name, std::string help) {
  return New(std::move(name), std::move(help), MetricType::Counter);
}

MetricFamily NewHistogram(std::string name, std::string help) {
  return New(std::move(name), std::move(help), MetricType::Histogram);
}

void AddSample(MetricFamily& family, double value, MetricLabels labels) {
  ClientMetric metric;
  metric.label = std::move(labels);
  (family.type == MetricType::Counter ? metric.counter.value : metric.gauge.value) = value;
  family.metric.push_back(std::move(metric));
}

void AddGauge(std::vector<MetricFamily>& out, std::string name, std::string help, double value,
              MetricLabels labels) {
  out.push_back(NewGauge(std::move(name), std::move(help)));
  AddSample(out.back(), value, std::move(labels));
}

void AddCounter(std::vector<MetricFamily>& out, std::string name, std::string help,
                uint64_t value) {
  out.push_back(NewCounter(std::move(name), std::move(help)));
  AddSample(out.back(), static_cast<double>(value));
}

}  // namespace ccplace
