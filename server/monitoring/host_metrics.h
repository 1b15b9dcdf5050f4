// The host's facts as metrics. Thread-safe: pure functions of HostState.
#ifndef CCPLACE_SERVER_MONITORING_HOST_METRICS_H_
#define CCPLACE_SERVER_MONITORING_HOST_METRICS_H_

#include <prometheus/metric_family.h>

#include <vector>

#include "lib/capability/monitor/host_state.h"

namespace ccplace {

// Age of the facts, each model's verdict and checks, keys, domains.
std::vector<prometheus::MetricFamily> HostMetrics(const HostState& state);

}  // namespace ccplace

#endif  // CCPLACE_SERVER_MONITORING_HOST_METRICS_H_
