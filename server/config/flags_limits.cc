// Flags: bounds against callers that are slow, silent or many.
#include "absl/flags/flag.h"
#include "absl/time/time.h"
#include "lib/observability/duration_flag.h"
#include "server/config/flags.h"

ABSL_FLAG(int32_t, max_request_bytes, 4 << 20, "Largest request, in bytes: 65536 to 67108864.");
ABSL_FLAG(int32_t, max_concurrent_calls, 128, "Most calls under way on one connection.");
ABSL_FLAG(uint32_t, max_connections, 1024, "Most connections on each socket and address.");
ABSL_FLAG(
    uint32_t, max_connections_per_caller, 64,
    "Most connections of one user on each socket, root and the daemon's own user excepted; on "
    "--tls_address of one IPv4 address or IPv6 network of 64 bits.");
ABSL_FLAG(uint32_t, max_watchers, 1024,
          "Most WatchHost calls under way on each socket and address.");
ABSL_FLAG(
    uint32_t, max_watchers_per_caller, 128,
    "Most WatchHost calls under way of one user on each socket, root and the daemon's own user "
    "excepted; on --tls_address of one certificate's name.");
ABSL_FLAG(
    uint32_t, grpc_memory_mib, 64,
    "Memory in MiB for requests that gRPC receives on each socket and address, as gRPC counts "
    "it; what is kept beside them can be four times that. Where the daemon takes five times this "
    "and 128 MiB, it closes connections that send faster than they are read: 16 to 65536.");
ABSL_FLAG(ccplace::DurationFlag, keepalive_interval, {absl::Minutes(1)},
          "How long a connection with a call under way may be silent before it is sent a keepalive "
          "ping.");
ABSL_FLAG(
    ccplace::DurationFlag, keepalive_timeout, {absl::Seconds(20)},
    "How long the answer to a keepalive ping, or a TLS handshake, may take before the connection "
    "is closed.");
ABSL_FLAG(ccplace::DurationFlag, idle_timeout, {absl::Minutes(30)},
          "How long a connection may have no call under way, or read nothing of what waits for it, "
          "before it is closed.");
ABSL_FLAG(
    ccplace::DurationFlag, max_connection_age, {absl::Hours(1)},
    "How long a connection to --tls_address may live, a tenth more or less by chance, so that "
    "its caller shows a certificate again. Calls under way have --hypervisor_timeout to end; "
    "callers connect again by themselves.");
ABSL_FLAG(ccplace::DurationFlag, shutdown_timeout, {absl::Seconds(30)},
          "How long calls under way may take to end when the daemon stops.");

namespace ccplace {

void ReadLimitFlags(LimitOptions& options) {
  options.max_request_bytes = absl::GetFlag(FLAGS_max_request_bytes);
  options.max_concurrent_calls = absl::GetFlag(FLAGS_max_concurrent_calls);
  options.connections = {absl::GetFlag(FLAGS_max_connections),
                         absl::GetFlag(FLAGS_max_connections_per_caller)};
  options.watchers = {absl::GetFlag(FLAGS_max_watchers),
                      absl::GetFlag(FLAGS_max_watchers_per_caller)};
  options.memory_bytes = size_t{absl::GetFlag(FLAGS_grpc_memory_mib)} << 20;
  options.keepalive_interval = absl::GetFlag(FLAGS_keepalive_interval).milliseconds();
  options.keepalive_timeout = absl::GetFlag(FLAGS_keepalive_timeout).milliseconds();
  options.idle_timeout = absl::GetFlag(FLAGS_idle_timeout).milliseconds();
  options.max_connection_age = absl::GetFlag(FLAGS_max_connection_age).milliseconds();
  options.shutdown_timeout = absl::GetFlag(FLAGS_shutdown_timeout).milliseconds();
}

}  // namespace ccplace
