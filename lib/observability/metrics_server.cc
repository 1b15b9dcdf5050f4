#include "lib/observability/metrics_server.h"

#include <prometheus/collectable.h>
#include <prometheus/exposer.h>

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

}  // namespace

MetricsServer::MetricsServer(Sources sources) : sources_(std::move(sources)) {}
MetricsServer::~MetricsServer() = default;

absl::StatusOr<std::unique_ptr<MetricsServer>> MetricsServer::Open(const std::string& address,
                                                                   Sources sources) {
  // civetweb takes lists and flags in the same string.
  if (!IsIpAddressAndPort(address)) {
    return absl::InvalidArgumentError(
        absl::StrCat(Quoted(address), " is no address to listen on; give IP:PORT or [IPV6]:PORT"));
  }
  std::unique_ptr<MetricsServer> server(new MetricsServer(std::move(sources)));
  try {
    server->exposer_ = std::make_unique<prometheus::Exposer>(ServerOptions(address));
  } catch (const std::exception&) {  // Its text is the same whatever was wrong.
    return absl::UnavailableError(absl::StrCat(
        Quoted(address), " cannot be listened on; stop the program that listens there, or give ",
        "another address of this machine"));
  }
  for (const auto& source : server->sources_) server->exposer_->RegisterCollectable(source);
  return server;
}

int MetricsServer::port() const { return exposer_->GetListeningPorts().front(); }

}  // namespace ccplace
