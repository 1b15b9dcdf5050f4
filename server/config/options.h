// The daemon's options, as plain values.
#ifndef CCPLACE_SERVER_CONFIG_OPTIONS_H_
#define CCPLACE_SERVER_CONFIG_OPTIONS_H_

#include <sys/types.h>
#include <unistd.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "lib/host/quote_service.h"
#include "lib/observability/log.h"
#include "server/auth/role.h"
#include "server/common/concurrency_quota.h"
#include "server/tls/tls_options.h"
#include "server/transport/connection_limits.h"
#include "server/transport/unix_socket_options.h"

namespace ccplace {

// Longest name of a node, in bytes.
inline constexpr size_t kNodeNameLimit = 255;

// What is asked of the host, and what is promised in its name.
struct HostOptions {
  std::string libvirt_uri;  // Empty: the host's own, found below host_root.
  std::string host_root = "/";
  std::string node_name;  // Empty: the host's own name.
  // Of the next four, nothing: nova.conf's where it is read, else the default in --help.
  std::optional<std::string> cpu_mode;
  std::optional<std::string> virt_type;
  std::optional<std::string> default_machine_type;
  std::optional<uint64_t> tdx_guest_limit;
  std::vector<std::string> nova_config;  // Files and folders, as the host sees them.
  std::optional<uint64_t> sev_guest_limit;
  std::optional<uint64_t> sev_es_guest_limit;
  uint64_t tdx_reserved_keys = 0;
  std::string quote_service_path = kDefaultQuoteSocket;  // Empty: libvirt's default.
  std::vector<std::string> rename_traits;                // Each "TRAIT=NAME" or "TRAIT=".
  std::string tdx_key_class = "MEM_ENCRYPTION_CONTEXT";
  std::string request_dialect = "nova";  // Or "blueprint".
  bool allow_debug = false;
  bool require_attestation = false;
  std::vector<std::string> tdx_min_module_version;  // As ParseTdxModuleFloor takes them.
  bool simulate = false;
  std::vector<std::string> disk_prefixes;
  std::vector<std::string> log_prefixes;
  std::vector<std::string> socket_prefixes;
};

// Where calls come in.
struct ListenOptions {
  UnixSocketOptions operator_socket;
  UnixSocketOptions readonly_socket;
  TlsOptions tls;
  std::string plaintext_address;  // Loopback "IP:PORT". Empty: none.
  Role plaintext_role = Role::kReader;
};

// Bounds against callers that are slow, silent or many.
struct LimitOptions : ConnectionLimits {
  QuotaLimits connections = {1024, 64};
  QuotaLimits watchers = {1024, 128};
  // Users without a limit per caller: root and the daemon's own, which could stop the daemon
  // anyway.
  std::set<uid_t> unbounded_users = {0, geteuid()};
  std::chrono::milliseconds shutdown_timeout{30000};
};

// How libvirt is used.
struct HypervisorOptions {
  size_t threads = 6;
  size_t queue = 64;
  std::chrono::milliseconds timeout{30000};
  std::chrono::milliseconds refresh_interval{10000};
};

// What operators see of the daemon.
struct ObserveOptions {
  std::string metrics_address;  // "IP:PORT". Empty: no metrics.
  bool metrics_beyond_loopback = false;
  std::string log_level = "info";
  LogFormat log_format = LogFormat::kAuto;
};

struct Options {
  HostOptions host;
  ListenOptions listen;
  LimitOptions limits;
  HypervisorOptions hypervisor;
  ObserveOptions observe;
};

// INVALID_ARGUMENT that names every option that cannot be served, its value and the remedy. Looks
// at no file but the TLS ones.
[[nodiscard]] absl::Status CheckOptions(const Options& options);

// A sentence for each group of options that were given and do nothing, because the address that
// they are for was not: the flags' names, and the remedy. `options` passed CheckOptions.
std::vector<std::string> UnusedOptions(const Options& options);

}  // namespace ccplace

#endif  // CCPLACE_SERVER_CONFIG_OPTIONS_H_
