#include "server/config/options.h"

#include <algorithm>
#include <initializer_list>
#include <set>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "lib/base/socket_address.h"
#include "lib/base/status.h"
#include "lib/base/text.h"
#include "lib/host/tdx_module.h"
#include "server/tls/tls_files.h"

namespace ccplace {
namespace {

using Faults = std::vector<FieldError>;

constexpr size_t kMaxThreads = 64;
constexpr size_t kMaxCount = 1 << 20;

void Add(Faults& faults, absl::string_view flag, absl::string_view value,
         absl::string_view remedy) {
  faults.push_back(
      {absl::StrCat("--", flag), absl::StrCat(Quoted(value), " cannot be used; ", remedy)});
}

template <typename Number>
void CheckRange(Faults& faults, absl::string_view flag, Number value, Number low, Number high) {
  if (value >= low && value <= high) return;
  Add(faults, flag, absl::StrCat(value), absl::StrCat("give a number from ", low, " to ", high));
}

constexpr std::chrono::hours kYear{24 * 365};
// gRPC counts the times of a connection in an int of milliseconds, which ends before the 25th day.
constexpr std::chrono::hours kLongestOfConnection{24 * 24};

void CheckTime(Faults& faults, absl::string_view flag, std::chrono::milliseconds value,
               std::chrono::hours longest = kYear) {
  if (value.count() > 0 && value <= longest) return;
  Add(faults, flag, absl::StrCat(value.count(), "ms"),
      absl::StrCat("give a time above zero and up to ", longest.count(), "h, as \"30s\""));
}

bool IsPlainFolder(absl::string_view path) {
  return absl::StartsWith(path, "/") && IsPrintable(path) && !absl::StrContains(path, "/../") &&
         !absl::EndsWith(path, "/..") && !absl::StrContains(path, "/./");
}

constexpr char kFolders[] = "give absolute folders without \"..\", with commas between them";

void CheckPaths(Faults& faults, absl::string_view flag, const std::vector<std::string>& paths,
                absl::string_view remedy) {
  for (const std::string& path : paths) {
    if (!IsPlainFolder(path)) Add(faults, flag, path, remedy);
  }
}

void CheckOneOf(Faults& faults, absl::string_view flag, const std::string& value,
                const std::set<std::string>& allowed) {
  if (allowed.count(value) > 0) return;
  std::string list;
  for (const std::string& one : allowed) absl::StrAppend(&list, list.empty() ? "" : ", ", one);
  Add(faults, flag, value, absl::StrCat("give one of: ", list));
}

// Placement's rule for names of traits.
bool IsTraitName(absl::string_view text) {
  const bool fits = !text.empty() && text.size() <= 255;
  return fits && std::all_of(text.begin(), text.end(), [](unsigned char c) {
           return absl::ascii_isupper(c) || absl::ascii_isdigit(c) || c == '_';
         });
}

void CheckRenamedTraits(Faults& faults, const std::vector<std::string>& renamed) {
  for (const std::string& pair : renamed) {
    const size_t equals = pair.find('=');
    const absl::string_view text = pair;
    const bool named = equals != std::string::npos && IsTraitName(text.substr(0, equals));
    if (named && (equals + 1 == pair.size() || IsTraitName(text.substr(equals + 1)))) continue;
    Add(faults, "rename_traits", pair,
        "give TRAIT=NAME, or TRAIT= for one that Placement does not know");
  }
}

void CheckTdxModuleFloor(Faults& faults, const std::vector<std::string>& versions) {
  const absl::Status status = ParseTdxModuleFloor(versions).status();
  if (!status.ok()) faults.push_back({"--tdx_min_module_version", std::string(status.message())});
}

void CheckHostOptions(Faults& faults, const HostOptions& host) {
  if (host.cpu_mode.has_value()) {
    CheckOneOf(faults, "cpu_mode", *host.cpu_mode,
               {"host-passthrough", "host-model", "custom", "maximum", "none"});
  }
  if (host.virt_type.has_value()) {
    CheckOneOf(faults, "virt_type", *host.virt_type, {"kvm", "qemu"});
  }
  CheckOneOf(faults, "request_dialect", host.request_dialect, {"nova", "blueprint"});
  CheckRenamedTraits(faults, host.rename_traits);
  CheckTdxModuleFloor(faults, host.tdx_min_module_version);
  CheckOneOf(faults, "tdx_key_class", host.tdx_key_class,
             {"MEM_ENCRYPTION_CONTEXT", "CUSTOM_CCPLACE_INTEL_TDX_KEY"});
  if (host.node_name.size() > kNodeNameLimit || !IsPrintable(host.node_name)) {
    Add(faults, "node_name", host.node_name,
        absl::StrCat("give printable UTF-8 of at most ", kNodeNameLimit, " bytes"));
  }
  if (!IsPlainFolder(host.host_root)) {
    Add(faults, "host_root", host.host_root, "give an absolute folder, \"/\" for the host itself");
  }
  if (!host.quote_service_path.empty() && !IsPlainFolder(host.quote_service_path)) {
    Add(faults, "quote_service_path", host.quote_service_path, "give an absolute path");
  }
  const std::optional<std::string>& machine_type = host.default_machine_type;
  if (machine_type.has_value() && (machine_type->empty() || !IsPrintable(*machine_type))) {
    Add(faults, "default_machine_type", *machine_type, "give one as \"q35\"");
  }
  CheckPaths(faults, "nova_config", host.nova_config,
             "give absolute paths of nova-compute's files and folders, with commas between them");
  CheckPaths(faults, "disk_prefixes", host.disk_prefixes, kFolders);
  CheckPaths(faults, "log_prefixes", host.log_prefixes, kFolders);
  CheckPaths(faults, "socket_prefixes", host.socket_prefixes, kFolders);
}

void CheckSocket(Faults& faults, absl::string_view flag, const UnixSocketOptions& socket) {
  if (socket.path.empty()) return;
  if (!absl::StartsWith(socket.path, "/") || socket.path.size() > 107) {
    Add(faults, flag, socket.path, "give an absolute path of at most 107 bytes, or nothing");
  }
  if ((socket.mode & ~mode_t{0777}) != 0) {
    Add(faults, absl::StrCat(flag, "_mode"), absl::StrFormat("%04o", socket.mode),
        "give an octal mode up to 0777");
  }
}

void CheckCertificateNames(Faults& faults, absl::string_view flag,
                           const std::set<std::string>& names) {
  for (const std::string& name : names) {
    if (IsCertificateName(name)) continue;
    Add(faults, flag, name,
        "no certificate could match it; give dns:NAME, uri:URI, ip:ADDRESS or email:ADDRESS, with "
        "commas and no spaces between them, or * for every verified certificate");
  }
}

void CheckTls(Faults& faults, const TlsOptions& tls) {
  if (tls.address.empty()) return;
  if (!IsIpAddressAndPort(tls.address)) {
    Add(faults, "tls_address", tls.address, "give IP:PORT or [IPV6]:PORT");
  }
  const absl::Status files = ReadTlsFiles(tls).status();
  for (FieldError& error : FieldErrorsOf(files)) faults.push_back(std::move(error));
  const absl::Status revoked = ReadRevocations(tls).status();
  for (FieldError& error : FieldErrorsOf(revoked)) faults.push_back(std::move(error));
  if (tls.roles.readers.empty() && tls.roles.operators.empty()) {
    Add(faults, "tls_readers", "", "name the certificates that may call, as \"dns:nova.example\"");
  }
  CheckCertificateNames(faults, "tls_readers", tls.roles.readers);
  CheckCertificateNames(faults, "tls_operators", tls.roles.operators);
}

void CheckListenOptions(Faults& faults, const ListenOptions& listen) {
  CheckSocket(faults, "operator_socket", listen.operator_socket);
  CheckSocket(faults, "readonly_socket", listen.readonly_socket);
  CheckTls(faults, listen.tls);
  if (!listen.plaintext_address.empty() && !IsLoopback(listen.plaintext_address)) {
    Add(faults, "plaintext_address", listen.plaintext_address,
        "plaintext is for loopback alone: give 127.0.0.1:PORT or [::1]:PORT, or use --tls_address");
  }
  if (!listen.operator_socket.path.empty() &&
      listen.operator_socket.path == listen.readonly_socket.path) {
    Add(faults, "readonly_socket", listen.readonly_socket.path,
        "give it another path than --operator_socket");
  }
}

void CheckQuotaLimits(Faults& faults, absl::string_view flag, const QuotaLimits& limits) {
  CheckRange(faults, flag, limits.per_endpoint, size_t{1}, kMaxCount);
  CheckRange(faults, absl::StrCat(flag, "_per_caller"), limits.per_caller, size_t{1}, kMaxCount);
}

void CheckLimitOptions(Faults& faults, const LimitOptions& limits) {
  CheckRange(faults, "max_request_bytes", limits.max_request_bytes, 64 << 10, 64 << 20);
  CheckRange(faults, "max_concurrent_calls", limits.max_concurrent_calls, 1, 1 << 16);
  CheckQuotaLimits(faults, "max_connections", limits.connections);
  CheckQuotaLimits(faults, "max_watchers", limits.watchers);
  CheckRange(faults, "grpc_memory_mib", limits.memory_bytes >> 20, size_t{16}, size_t{1} << 16);
  CheckTime(faults, "keepalive_interval", limits.keepalive_interval, kLongestOfConnection);
  CheckTime(faults, "keepalive_timeout", limits.keepalive_timeout, kLongestOfConnection);
  CheckTime(faults, "idle_timeout", limits.idle_timeout, kLongestOfConnection);
  CheckTime(faults, "max_connection_age", limits.max_connection_age, kLongestOfConnection);
  CheckTime(faults, "shutdown_timeout", limits.shutdown_timeout);
}

void CheckHypervisorOptions(Faults& faults, const HypervisorOptions& hypervisor) {
  CheckRange(faults, "hypervisor_threads", hypervisor.threads, size_t{2}, kMaxThreads);
  CheckRange(faults, "hypervisor_queue", hypervisor.queue, size_t{1}, kMaxCount);
  CheckTime(faults, "hypervisor_timeout", hypervisor.timeout);
  CheckTime(faults, "refresh_interval", hypervisor.refresh_interval);
}

void CheckObserveOptions(Faults& faults, const ObserveOptions& observe) {
  CheckOneOf(faults, "log_level", observe.log_level,
             {"trace", "debug", "info", "warning", "error", "critical", "off"});
  const std::string& address = observe.metrics_address;
  if (address.empty()) return;
  if (!IsIpAddressAndPort(address)) {
    Add(faults, "metrics_address", address, "give IP:PORT or [IPV6]:PORT, as 127.0.0.1:9464");
  } else if (!IsLoopback(address) && !observe.metrics_beyond_loopback) {
    Add(faults, "metrics_address", address,
        "it can be reached from other machines, without authentication; give 127.0.0.1:PORT, or "
        "allow it with --metrics_beyond_loopback");
  }
}

// A flag of an address, and whether it was given.
struct AddressFlag {
  const char* name;
  bool given;
};

void AddUnused(std::vector<std::string>& sentences, const std::string& address,
               absl::string_view address_flag, std::initializer_list<AddressFlag> flags) {
  std::vector<std::string> given;
  for (const AddressFlag& flag : flags) {
    if (flag.given) given.push_back(absl::StrCat("--", flag.name));
  }
  if (!address.empty() || given.empty()) return;
  sentences.push_back(absl::StrCat(absl::StrJoin(given, ", "), ": of no effect without --",
                                   address_flag, ", where nothing is served; give the address, or ",
                                   "leave them out"));
}

}  // namespace

absl::Status CheckOptions(const Options& options) {
  Faults faults;
  CheckHostOptions(faults, options.host);
  CheckListenOptions(faults, options.listen);
  CheckLimitOptions(faults, options.limits);
  CheckHypervisorOptions(faults, options.hypervisor);
  CheckObserveOptions(faults, options.observe);
  return faults.empty() ? absl::OkStatus() : InvalidFieldsError(faults);
}

std::vector<std::string> UnusedOptions(const Options& options) {
  const ListenOptions& listen = options.listen;
  const TlsOptions& tls = listen.tls;
  std::vector<std::string> sentences;
  AddUnused(sentences, tls.address, "tls_address",
            {{"tls_certificate", !tls.certificate_file.empty()},
             {"tls_key", !tls.key_file.empty()},
             {"tls_client_ca", !tls.client_ca_file.empty()},
             {"tls_revoked", !tls.revoked_file.empty()},
             {"tls_readers", !tls.roles.readers.empty()},
             {"tls_operators", !tls.roles.operators.empty()}});
  AddUnused(sentences, listen.plaintext_address, "plaintext_address",
            {{"plaintext_role", listen.plaintext_role != ListenOptions().plaintext_role}});
  AddUnused(sentences, options.observe.metrics_address, "metrics_address",
            {{"metrics_beyond_loopback", options.observe.metrics_beyond_loopback}});
  return sentences;
}

}  // namespace ccplace
