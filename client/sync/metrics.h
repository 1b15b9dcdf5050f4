// Prometheus' view of the sync.
#ifndef CCPLACE_CLIENT_SYNC_METRICS_H_
#define CCPLACE_CLIENT_SYNC_METRICS_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "client/sync/progress.h"

namespace prometheus {
class Exposer;
}

namespace ccplace::sync {

// Serves http://ADDRESS/metrics as long as it lives.
class MetricsServer {
 public:
  // `address` as "127.0.0.1:9465" or "[::1]:9465"; anything but loopback is INVALID_ARGUMENT.
  // UNAVAILABLE: it cannot be listened on. `progress` must outlive it.
  static absl::StatusOr<std::unique_ptr<MetricsServer>> Start(const std::string& address,
                                                              const Progress* progress);
  ~MetricsServer();

 private:
  MetricsServer();
  std::shared_ptr<void> families_;
  std::unique_ptr<prometheus::Exposer> exposer_;
};

}  // namespace ccplace::sync

#endif  // CCPLACE_CLIENT_SYNC_METRICS_H_
