// Closes connections when the process takes more memory than its callers may cause.
#ifndef CCPLACE_SERVER_TRANSPORT_MEMORY_PRESSURE_MEMORY_PRESSURE_HANDLER_H_
#define CCPLACE_SERVER_TRANSPORT_MEMORY_PRESSURE_MEMORY_PRESSURE_HANDLER_H_

#include <chrono>
#include <optional>
#include <set>
#include <string>

#include "server/common/log_rate_limiter.h"
#include "server/common/refusal_counts.h"
#include "server/transport/connection_table.h"
#include "server/transport/memory_pressure/memory_monitor.h"

namespace ccplace {

// Closes connections of callers that caused the growth, as far as a socket shows it, and rejects
// these callers while gRPC cleans up. Never those of root and of the daemon's own user
// (ConnectionTable::IsExempt). docs/decisions/0014 has the reasons. For one thread.
class MemoryPressureHandler {
 public:
  using Time = std::chrono::steady_clock::time_point;

  // Longest time between two calls of Poll while there are connections that are not exempt:
  // requests that are reset at once can take a hundred MiB in this time.
  static constexpr std::chrono::milliseconds kLookInterval{100};

  // `connections` and `refused` must outlive it. What it closes and rejects is counted in
  // `refused`.
  MemoryPressureHandler(const ConnectionTable& connections, RefusedConnections& refused,
                        MemoryMonitor watch);

  // Reads the memory in use, if the last reading is kLookInterval ago, and acts on it.
  void Poll(Time now);

  // Whether a new connection of `quota_key` is to be closed; counts it, if so.
  bool ShouldReject(const QuotaKey& quota_key, const std::optional<PeerCredentials>& peer,
                    Time now);

 private:
  ClosedConnections ShedConnections(bool resting) const;
  void LogGrowth(const ClosedConnections& closed, Time now);

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
