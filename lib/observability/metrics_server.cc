#include "lib/observability/metrics_server.h"

#include <prometheus/collectable.h>
#include <prometheus/exposer.h>
#include <spdlog/spdlog.h>

#include <exception>
#include <utility>

#include "absl/strings/str_cat.h"
#include "lib/base/socket_address.h"
#include "lib/base/text.h"

namespace ccplace {
namespace {

// civetweb's own options.
std::vector<std::string> ServerOptions(const std::string& address) {
  return {"listening_ports", address, "num_threads", "2", "request_timeout_ms", "10000"};
}

class CollectedMetrics final : public prometheus::Collectable {
 public:
  explicit CollectedMetrics(MetricsServer::Collect collect) : collect_(std::move(collect)) {}
  std::vector<prometheus::MetricFamily> Collect() const override { return collect_(); }

 private:
  const MetricsServer::Collect collect_;
};

}  // namespace

MetricsServer::MetricsServer(Collect collect)
    : source_(std::make_shared<CollectedMetrics>(std::move(collect))) {}
MetricsServer::~MetricsServer() = default;

absl::StatusOr<std::unique_ptr<MetricsServer>> MetricsServer::Open(const std::string& address,
                                                                   Collect collect) {
  // civetweb takes lists and flags in the same string.
  if (!IsIpAddressAndPort(address)) {
    return absl::InvalidArgumentError(
        absl::StrCat(Quoted(address), " is no address to listen on; give IP:PORT or [IPV6]:PORT"));
  }
  std::unique_ptr<MetricsServer> server(new MetricsServer(std::move(collect)));
  try {
    server->exposer_ = std::make_unique<prometheus::Exposer>(ServerOptions(address));
  } catch (const std::exception&) {  // Its text is the same whatever was wrong.
    return absl::UnavailableError(absl::StrCat(
        Quoted(address), " cannot be listened on; stop the program that listens there, or give ",
        "another address of this machine"));
  }
  server->exposer_->RegisterCollectable(server->source_);
  return server;
}

absl::StatusOr<std::unique_ptr<MetricsServer>> MetricsServer::OpenForFlag(
    const std::string& address, Collect collect) {
  if (address.empty()) return nullptr;
  auto server = Open(address, std::move(collect));
  if (!server.ok()) {
    return absl::Status(server.status().code(),
                        absl::StrCat("--metrics_address: ", server.status().message()));
  }
  spdlog::info("metrics on http://{}/metrics (port {})", address, (*server)->port());
  return server;
}

int MetricsServer::port() const { return exposer_->GetListeningPorts().front(); }

}  // namespace ccplace
