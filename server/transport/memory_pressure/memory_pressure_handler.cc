#include "server/transport/memory_pressure/memory_pressure_handler.h"

#include <spdlog/spdlog.h>

#include <utility>

#include "absl/strings/str_cat.h"

namespace ccplace {
namespace {

// A flood fills its socket, some 200 KiB. A caller that waits for an answer has sent its request
// and has nothing more to send.
constexpr int kFloodBytes = 16384;
// How long closed callers are rejected, so that gRPC can free what they used.
constexpr std::chrono::seconds kRest{1};

// `callers`: QuotaKey's, at least one.
std::string ToText(const std::set<std::string>& callers) {
  const std::string& first = *callers.begin();
  return absl::StrCat(first.empty() ? "callers over loopback" : first,
                      callers.size() > 1 ? absl::StrCat(" and ", callers.size() - 1, " more") : "");
}

}  // namespace

MemoryPressureHandler::MemoryPressureHandler(const ConnectionTable& connections,
                                             RefusedConnections& refused, MemoryMonitor watch)
    : connections_(connections), refused_(refused), watch_(std::move(watch)) {}

void MemoryPressureHandler::Poll(Time now) {
  if (now < next_look_) return;
  next_look_ = now + kLookInterval;
  const MemoryUse use = watch_.Poll(now);
  if (use == MemoryUse::kEnough) return;
  const bool resting = now < rest_until_;
  const bool all = use == MemoryUse::kFarTooMuch;
  ClosedConnections cut = all ? connections_.CloseNonExempt(0) : ShedConnections(resting);
  if (cut.connections == 0 && !all) return;
  if (!resting) kept_out_.clear();
  kept_out_.merge(cut.callers);
  keeps_all_out_ = all || (resting && keeps_all_out_);
  rest_until_ = now + kRest;
  refused_.CountForMemory(cut.connections);
  LogGrowth(cut, now);
}

ClosedConnections MemoryPressureHandler::ShedConnections(bool resting) const {
  ClosedConnections cut = connections_.CloseNonExempt(kFloodBytes);
  // gRPC still frees what closed callers used: the others did not cause growth meanwhile.
  if (cut.connections > 0 || resting) return cut;
  cut = connections_.CloseNonExempt(1);
  return cut.connections > 0 ? cut : connections_.CloseNonExempt(0);
}

void MemoryPressureHandler::LogGrowth(const ClosedConnections& closed, Time now) {
  const auto quiet = growths_.Allow(now);
  if (!quiet.has_value()) return;
  spdlog::warn(
      "memory has grown to {} MiB, more than requests may take (--grpc_memory_mib); closed {} "
      "connections, and rejects {} for {} s ({} more times since the last such line)",
      watch_.resident_bytes() >> 20, closed.connections,
      keeps_all_out_ ? "all callers but root and the daemon's user" : ToText(kept_out_),
      kRest.count(), *quiet);
}

bool MemoryPressureHandler::ShouldReject(const QuotaKey& quota_key,
                                         const std::optional<PeerCredentials>& peer, Time now) {
  if (now >= rest_until_ || connections_.IsExempt(peer)) return false;
  if (!keeps_all_out_ && kept_out_.count(quota_key.caller) == 0) return false;
  refused_.CountForMemory(1);
  return true;
}

}  // namespace ccplace
