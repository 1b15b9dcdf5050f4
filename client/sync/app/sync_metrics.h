// Prometheus' view of the sync.
#ifndef CCPLACE_CLIENT_SYNC_APP_SYNC_METRICS_H_
#define CCPLACE_CLIENT_SYNC_APP_SYNC_METRICS_H_

#include <prometheus/metric_family.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "client/sync/app/progress.h"
#include "lib/observability/metrics_server.h"

namespace ccplace::sync {

// What one scrape answers. Thread-safe.
std::vector<prometheus::MetricFamily> CollectMetrics(const ProgressSnapshot& now);

// Serves them at `address`, --metrics_address as OptionsFromFlags checked it; nothing when it is
// empty. `progress` must outlive the server. Errors are MetricsServer's, with the flag's name.
absl::StatusOr<std::unique_ptr<MetricsServer>> OpenMetrics(const std::string& address,
                                                           const Progress* progress);

}  // namespace ccplace::sync

#endif  // CCPLACE_CLIENT_SYNC_APP_SYNC_METRICS_H_
