// Where Prometheus scrapes a program.
#ifndef CCPLACE_LIB_OBSERVABILITY_METRICS_SERVER_H_
#define CCPLACE_LIB_OBSERVABILITY_METRICS_SERVER_H_

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
  using Sources = std::vector<std::shared_ptr<prometheus::Collectable>>;

  // `address` is "IP:PORT" or "[IPV6]:PORT" (IsIpAddressAndPort); port 0 is any free one. Each
  // scrape asks every one of `sources`, on a thread of the server's. INVALID_ARGUMENT: no such
  // address. UNAVAILABLE: it cannot be listened on.
  static absl::StatusOr<std::unique_ptr<MetricsServer>> Open(const std::string& address,
                                                             Sources sources);
  ~MetricsServer();
  MetricsServer(const MetricsServer&) = delete;
  MetricsServer& operator=(const MetricsServer&) = delete;

  // The port that is listened on.
  int port() const;

 private:
  explicit MetricsServer(Sources sources);

  const Sources sources_;  // The exposer holds them weakly.
  std::unique_ptr<prometheus::Exposer> exposer_;
};

}  // namespace ccplace

#endif  // CCPLACE_LIB_OBSERVABILITY_METRICS_SERVER_H_
