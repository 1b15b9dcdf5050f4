// What one connection may take, and for how long it may live.
#ifndef CCPLACE_SERVER_TRANSPORT_CONNECTION_LIMITS_H_
#define CCPLACE_SERVER_TRANSPORT_CONNECTION_LIMITS_H_

#include <chrono>
#include <cstddef>

namespace grpc {
class ServerBuilder;
}  // namespace grpc

namespace ccplace {

struct ConnectionLimits {
  int max_request_bytes = 4 << 20;
  int max_concurrent_calls = 128;
  size_t memory_bytes = size_t{64} << 20;  // For gRPC's buffers, at each endpoint.
  std::chrono::milliseconds keepalive_interval{60000};
  std::chrono::milliseconds keepalive_timeout{20000};
  std::chrono::milliseconds idle_timeout{1800000};
  std::chrono::milliseconds max_connection_age{3600000};  // At the TLS endpoint.
};

// Gives the server that `builder` builds these limits, but for the age.
void LimitConnections(const ConnectionLimits& limits, grpc::ServerBuilder& builder);

// Closes its connections at `limits`' age. Calls under way then have `grace` to end, 24 days at
// most; streams begin again on a new connection.
void LimitAge(const ConnectionLimits& limits, std::chrono::milliseconds grace,
              grpc::ServerBuilder& builder);

}  // namespace ccplace

#endif  // CCPLACE_SERVER_TRANSPORT_CONNECTION_LIMITS_H_
