#include "lib/observe/metrics_door.h"

#include <prometheus/collectable.h>
#include <prometheus/exposer.h>

#include <exception>
#include <utility>

#include "absl/strings/str_cat.h"
#include "lib/base/address.h"
#include "lib/base/text.h"

namespace ccplace {
namespace {

// civetweb's own options.
std::vector<std::string> ServerOptions(const std::string& address) {
  return {"listening_ports", address, "num_threads", "2", "request_timeout_ms", "10000"};
}

}  // namespace

MetricsDoor::MetricsDoor(Sources sources) : sources_(std::move(sources)) {}
MetricsDoor::~MetricsDoor() = default;

absl::StatusOr<std::unique_ptr<MetricsDoor>> MetricsDoor::Open(const std::string& address,
                                                               Sources sources) {
  // civetweb takes lists and flags in the same string.
  if (!IsIpAddressAndPort(address)) {
    return absl::InvalidArgumentError(
        absl::StrCat(Quoted(address), " is no address to listen on; give IP:PORT or [IPV6]:PORT"));
  }
  std::unique_ptr<MetricsDoor> door(new MetricsDoor(std::move(sources)));
  try {
    door->exposer_ = std::make_unique<prometheus::Exposer>(ServerOptions(address));
  } catch (const std::exception&) {  // Its text is the same whatever was wrong.
    return absl::UnavailableError(
        absl::StrCat(Quoted(address), " cannot be listened on; stop who listens there, or give ",
                     "another address of this machine"));
  }
  for (const auto& source : door->sources_) door->exposer_->RegisterCollectable(source);
  return door;
}

int MetricsDoor::port() const { return exposer_->GetListeningPorts().front(); }

}  // namespace ccplace
