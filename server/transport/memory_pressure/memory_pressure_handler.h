// Ends what makes the process grow past what its callers may make it take.
#ifndef CCPLACE_SERVER_TRANSPORT_MEMORY_PRESSURE_MEMORY_PRESSURE_HANDLER_H_
#define CCPLACE_SERVER_TRANSPORT_MEMORY_PRESSURE_MEMORY_PRESSURE_HANDLER_H_

#include <chrono>
#include <optional>
#include <set>
#include <string>

#include "server/common/log_rate_limiter.h"
#include "server/common/refused_connections.h"
#include "server/transport/connection_table.h"
#include "server/transport/memory_pressure/memory_monitor.h"

namespace ccplace {

// Closes the connections of who is to blame, as far as a socket shows it, and keeps these callers
// out while gRPC clears away what they have left; never root nor the daemon's own user
// (ConnectionTable::IsExempt). docs/decisions/0014 has the reasons. For one thread.
class MemoryPressureHandler {
 public:
  using Time = std::chrono::steady_clock::time_point;

  // How often to look while callers have connections that are not spared, at least: requests that
  // are reset at once can take a hundred MiB in this time.
  static constexpr std::chrono::milliseconds kLookInterval{100};

  // `connections` and `refused` must outlive it. What it closes and keeps out is counted in
  // `refused`.
  MemoryPressureHandler(const ConnectionTable& connections, RefusedConnections& refused,
                        MemoryMonitor watch);

  // Looks at the memory, where the latest look is kLookInterval ago.
  void Poll(Time now);

  // Whether a new connection of `quota_key` is to be closed; counts it, if so.
  bool ShouldReject(const QuotaKey& quota_key, const std::optional<PeerCredentials>& peer,
                    Time now);

 private:
  ClosedConnections ShedConnections(bool resting) const;
  void Tell(const ClosedConnections& cut, Time now);

  const ConnectionTable& connections_;
  RefusedConnections& refused_;
  MemoryMonitor watch_;
  Time next_look_ = {};
  Time rest_until_ = {};
  std::set<std::string> kept_out_;  // QuotaKey's callers, until then.
  bool keeps_all_out_ = false;      // Until then.
  LogRateLimiter growths_;
};

}  // namespace ccplace

#endif  // CCPLACE_SERVER_TRANSPORT_MEMORY_PRESSURE_MEMORY_PRESSURE_HANDLER_H_
