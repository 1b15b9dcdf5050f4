// Where Prometheus scrapes a program.
#ifndef CCPLACE_LIB_OBSERVABILITY_METRICS_SERVER_H_
#define CCPLACE_LIB_OBSERVABILITY_METRICS_SERVER_H_

#include <prometheus/metric_family.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace prometheus {
class Collectable;
class Exposer;
}  // namespace prometheus

namespace ccplace {

// Serves http://ADDRESS/metrics, without authentication, for as long as it lives: two threads, and
// ten seconds for a scraper to send its request.
class MetricsServer {
 public:
  // What one scrape returns.
  using Collect = std::function<std::vector<prometheus::MetricFamily>()>;

  // `address` is "IP:PORT" or "[IPV6]:PORT" (IsIpAddressAndPort); port 0 is any free one. Each
  // scrape calls `collect`, on a thread of the server's. INVALID_ARGUMENT: no such address.
  // UNAVAILABLE: it cannot be listened on.
  static absl::StatusOr<std::unique_ptr<MetricsServer>> Open(const std::string& address,
                                                             Collect collect);

  // The same for the value of a program's flag --metrics_address, which errors name. Empty: null.
  // Logs the address.
  static absl::StatusOr<std::unique_ptr<MetricsServer>> OpenForFlag(const std::string& address,
                                                                    Collect collect);
  ~MetricsServer();
  MetricsServer(const MetricsServer&) = delete;
  MetricsServer& operator=(const MetricsServer&) = delete;

  // The port that is listened on.
  int port() const;

 private:
  explicit MetricsServer(Collect collect);

  const std::shared_ptr<prometheus::Collectable> source_;  // The exposer holds it weakly.
  std::unique_ptr<prometheus::Exposer> exposer_;
};

}  // namespace ccplace

#endif  // CCPLACE_LIB_OBSERVABILITY_METRICS_SERVER_H_
