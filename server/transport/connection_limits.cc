#include "server/transport/connection_limits.h"

#include <grpcpp/resource_quota.h>
#include <grpcpp/server_builder.h>

#include <algorithm>

namespace ccplace {
namespace {

// How often callers may send a keepalive ping; gRPC closes connections that send more (GOAWAY).
// gRPC's own limit is five minutes, which is long to find out that a host is dead.
constexpr int kLeastPingIntervalMs = 20000;
// gRPC counts in an int of milliseconds.
constexpr std::chrono::milliseconds kLongest = std::chrono::hours(24 * 24);

int Milliseconds(std::chrono::milliseconds time) { return static_cast<int>(time.count()); }

// A few KiB unfold to gigabytes, and gRPC looks at the size of a message only once it is unfolded.
void RefuseCompression(grpc::ServerBuilder& builder) {
  builder.AddChannelArgument(GRPC_ARG_ENABLE_PER_MESSAGE_DECOMPRESSION, 0);
  builder.SetCompressionAlgorithmSupportStatus(GRPC_COMPRESS_DEFLATE, false);
  builder.SetCompressionAlgorithmSupportStatus(GRPC_COMPRESS_GZIP, false);
}

}  // namespace

void LimitConnections(const ConnectionLimits& limits, grpc::ServerBuilder& builder) {
  builder.SetMaxReceiveMessageSize(limits.max_request_bytes);
  builder.SetResourceQuota(grpc::ResourceQuota("ccplaced").Resize(limits.memory_bytes));
  RefuseCompression(builder);
  builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, limits.max_concurrent_calls);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, Milliseconds(limits.keepalive_interval));
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, Milliseconds(limits.keepalive_timeout));
  // A connection without calls is not asked: gRPC's callers in Python answer only while they have
  // one, and would lose their next. The idle time closes it.
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 0);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS,
                             kLeastPingIntervalMs);
  builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_IDLE_MS, Milliseconds(limits.idle_timeout));
  // From a TLS client's first byte to its last of the handshake.
  builder.AddChannelArgument(GRPC_ARG_SERVER_HANDSHAKE_TIMEOUT_MS,
                             Milliseconds(limits.keepalive_timeout));
}

// gRPC spreads the ages by a tenth to either side, so that connections of one moment do not end in
// one.
void LimitAge(const ConnectionLimits& limits, std::chrono::milliseconds grace,
              grpc::ServerBuilder& builder) {
  builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_AGE_MS,
                             Milliseconds(limits.max_connection_age));
  builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_AGE_GRACE_MS,
                             Milliseconds(std::min(grace, kLongest)));
}

}  // namespace ccplace
