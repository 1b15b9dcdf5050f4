// Prometheus' view of the daemon.
#ifndef CCPLACE_SERVER_MONITORING_DAEMON_METRICS_H_
#define CCPLACE_SERVER_MONITORING_DAEMON_METRICS_H_

#include <prometheus/metric_family.h>

#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "lib/observability/metrics_server.h"
#include "server/config/options.h"
#include "server/rpc/service_dependencies.h"

namespace ccplace {

// Everything that one scrape answers, as it is now. A figure that is unknown is left out, never 0.
// Thread-safe; takes no lock that a call waits for longer than a few loads.
std::vector<prometheus::MetricFamily> CollectMetrics(const ServiceDependencies& dependencies);

// Opens the server of `options`, which passed CheckOptions; null when there is to be none. Holds
// what it needs of `dependencies`. UNAVAILABLE: the address is taken.
absl::StatusOr<std::unique_ptr<MetricsServer>> OpenMetrics(const ObserveOptions& options,
                                                           const ServiceDependencies& dependencies);

}  // namespace ccplace

#endif  // CCPLACE_SERVER_MONITORING_DAEMON_METRICS_H_
