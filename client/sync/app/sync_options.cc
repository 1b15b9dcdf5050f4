#include "client/sync/app/sync_options.h"

#include <cstdlib>
#include <optional>
#include <random>

#include "absl/flags/flag.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "lib/base/socket_address.h"
#include "lib/base/text.h"
#include "lib/base/uuid.h"
#include "lib/observability/command_line.h"
#include "lib/observability/duration_flag.h"

ABSL_FLAG(std::string, ccplaced, ccplace::kReadOnlyAddress,
          "Where ccplaced listens: unix:PATH, or HOST:PORT. The read-only socket is enough.");
ABSL_FLAG(std::string, ccplaced_ca_file, "",
          "PEM file of the authorities that ccplaced's certificate is checked by (TCP).");
ABSL_FLAG(std::string, ccplaced_certificate_file, "",
          "PEM file of the client certificate shown to ccplaced (TCP).");
ABSL_FLAG(std::string, ccplaced_key_file, "", "PEM file of its private key.");
ABSL_FLAG(std::string, os_cloud, "",
          "Cloud of clouds.yaml to log in to. Empty: OS_CLOUD, else the OS_* variables.");
ABSL_FLAG(std::string, os_region_name, "",
          "Region of that cloud, one of those that it names. Empty: the first.");
ABSL_FLAG(
    std::string, placement_endpoint, "",
    "Placement's URL. Empty: from Keystone's catalog. With OS_AUTH_TYPE=none the only source.");
ABSL_FLAG(std::string, root_name, "",
          "Name of the compute node's resource provider. Empty: the node's name as ccplaced says "
          "it.");
ABSL_FLAG(std::string, root_uuid, "",
          "UUID of the compute node's resource provider; goes before --root_name.");
ABSL_FLAG(ccplace::DurationFlag, interval, {absl::Seconds(300)},
          "How often to look at Placement when nothing changes, as 300s; 1s to 24h. After a change "
          "it is 60s, or this if it is less, until two looks found nothing new.");
ABSL_FLAG(bool, offer_beside_old_nova, false,
          "On a host that a nova before 34 looks after, let keys be allocated (class "
          "CUSTOM_CCPLACE_INTEL_TDX_KEY), and do not show them as reserved. For control planes "
          "that allocate for themselves: a server of nova that asks for the class is a plain "
          "guest.");
ABSL_FLAG(bool, module_line_trait, false,
          "Give the TDX child a custom trait for the line of the host's TDX module, as "
          "CUSTOM_CCPLACE_TDX_MODULE_1_5, that flavors can require or forbid. Where the host does "
          "not state the version, such traits are left as they are. Without this option they are "
          "taken away.");
ABSL_FLAG(
    std::string, state_file, "",
    "File that holds over a restart which children others removed, and how often; in a folder "
    "that this user can write. Empty: nothing is kept over a restart.");
ABSL_FLAG(ccplace::DurationFlag, coalesce, {absl::Milliseconds(50)},
          "Changes of the host this close together are written as one; at most 10s.");
ABSL_FLAG(ccplace::DurationFlag, most_retry, {absl::Seconds(30)},
          "Longest wait between attempts while Placement cannot be written; 100ms to 1h.");
ABSL_FLAG(std::string, metrics_address, "",
          "Loopback IP:PORT or [::1]:PORT to serve Prometheus' metrics at /metrics, without "
          "authentication; 127.0.0.1:9465 is customary. Empty: none.");
ABSL_FLAG(std::string, log_level, "info",
          "Least severe line to write to standard error: trace, debug, info, warning, error, "
          "critical or off.");
ABSL_FLAG(ccplace::LogFormat, log_format, ccplace::LogFormat::kAuto,
          "text for people, json for one object a line; auto is json when standard error goes to "
          "the systemd journal.");
ABSL_FLAG(
    bool, dry_run, false,
    "Read the host and Placement once, explain each decision, and write nothing. Exit code 0: "
    "nothing to write; 3: something to write.");
ABSL_FLAG(bool, explain_login, false,
          "Print which cloud, user, region and endpoint would be used and how certificates are "
          "checked, secrets masked, then exit. Nothing is sent.");
ABSL_FLAG(bool, once, false, "Make Placement true once, say what was done, then exit.");
ABSL_FLAG(bool, allow_simulated, false,
          "Tell Placement of a host that `ccplaced --simulate` made up. For tests.");

namespace ccplace::sync {
namespace {

constexpr char kUsage[] =
    R"(keeps OpenStack Placement true about this host's confidential-computing keys.

Reads ccplaced's states as they change and writes the children of the compute node's resource
provider: one for each model that the host can run. Never touches the provider itself, nor a child
that nova or somebody else looks after: where nova 34 or later (OWNER_NOVA) looks after the host it
makes none, and where an earlier nova does (COMPUTE_NODE) it makes one of a class that no nova asks
for. SIGHUP: children that somebody removed twice are made again at the next look, and figures that
somebody keeps changing are set again.

The cloud is found as every OpenStack tool finds it: OS_CLOUD and clouds.yaml, or the OS_*
variables (password, application credential, token, or OS_AUTH_TYPE=none for noauth2). Secrets are
taken from there alone, never from a flag. What is not understood there is refused, and nothing is
sent; --explain_login prints what was understood.

Exit codes: 0 done; 1 failed; 2 wrong use; 3 --dry_run found something to write; 4 --once left alone
a child that nova or somebody else looks after.)";

// The name in --help and the man page, where a path of the build has no meaning.
std::string GroupOf(absl::string_view file) {
  return absl::StrContains(file, "client/sync/") ? "sync" : std::string(file);
}

std::optional<std::string> Variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::nullopt : std::make_optional<std::string>(value);
}

absl::StatusOr<std::chrono::milliseconds> Within(absl::string_view flag, absl::Duration value,
                                                 absl::Duration least, absl::Duration most) {
  if (value >= least && value <= most) return absl::ToChronoMilliseconds(value);
  return absl::InvalidArgumentError(absl::StrCat("--", flag, " ", absl::FormatDuration(value),
                                                 ": must be ", absl::FormatDuration(least), " to ",
                                                 absl::FormatDuration(most)));
}

absl::Status ReadLoop(LoopOptions& loop) {
  const auto interval =
      Within("interval", absl::GetFlag(FLAGS_interval).value, absl::Seconds(1), absl::Hours(24));
  const auto coalesce = Within("coalesce", absl::GetFlag(FLAGS_coalesce).value,
                               absl::ZeroDuration(), absl::Seconds(10));
  const auto most_retry = Within("most_retry", absl::GetFlag(FLAGS_most_retry).value,
                                 absl::Milliseconds(100), absl::Hours(1));
  for (const auto* value : {&interval, &coalesce, &most_retry}) {
    if (!value->ok()) return value->status();
  }
  loop.interval = *interval;
  loop.debounce = *coalesce;
  loop.max_retry_interval = *most_retry;
  loop.first_retry = std::min(loop.first_retry, loop.max_retry_interval);
  loop.allow_simulated = absl::GetFlag(FLAGS_allow_simulated);
  loop.seed = std::random_device()();
  return absl::OkStatus();
}

void ReadHost(ClientOptions& host) {
  host.address = absl::GetFlag(FLAGS_ccplaced);
  host.tls.ca_file = absl::GetFlag(FLAGS_ccplaced_ca_file);
  host.tls.certificate_file = absl::GetFlag(FLAGS_ccplaced_certificate_file);
  host.tls.key_file = absl::GetFlag(FLAGS_ccplaced_key_file);
  host.user_agent = "ccplace-sync";
}

absl::Status ReadLog(LogOptions& log) {
  log.name = "ccplace-sync";
  log.level = absl::GetFlag(FLAGS_log_level);
  log.format = absl::GetFlag(FLAGS_log_format);
  for (const char* known : {"trace", "debug", "info", "warning", "error", "critical", "off"}) {
    if (log.level == known) return absl::OkStatus();
  }
  return absl::InvalidArgumentError(
      absl::StrCat("--log_level ", Quoted(log.level),
                   ": must be trace, debug, info, warning, error, critical or off"));
}

// As Placement compares it: to the letter.
absl::Status ReadRootQuery(RootQuery& root) {
  const std::string uuid = absl::GetFlag(FLAGS_root_uuid);
  root = {absl::GetFlag(FLAGS_root_name), absl::AsciiStrToLower(uuid)};
  if (root.uuid.empty() || IsUuid(root.uuid)) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("--root_uuid ", Quoted(uuid), ": must be a UUID as ",
                   "5b1b4a5e-0b1c-4c67-9d4b-8f7f0a1b2c3d; `openstack resource provider list` has "
                   "the compute node's"));
}

absl::Status CheckMetricsAddress(const std::string& address) {
  if (address.empty() || IsLoopback(address)) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("--metrics_address ", Quoted(address), ": must be a loopback IP and a port, as ",
                   "127.0.0.1:9465: the figures are served without authentication"));
}

}  // namespace

absl::StatusOr<SyncOptions> OptionsFromFlags() {
  SyncOptions options;
  ReadHost(options.host);
  options.metrics_address = absl::GetFlag(FLAGS_metrics_address);
  options.nova.offer_beside_old_nova = absl::GetFlag(FLAGS_offer_beside_old_nova);
  options.nova.publish_module_line = absl::GetFlag(FLAGS_module_line_trait);
  options.state_file = absl::GetFlag(FLAGS_state_file);
  options.dry_run = absl::GetFlag(FLAGS_dry_run);
  options.once = absl::GetFlag(FLAGS_once);
  options.explain_login = absl::GetFlag(FLAGS_explain_login);
  absl::Status valid = ReadLog(options.log);
  if (valid.ok()) valid = CheckMetricsAddress(options.metrics_address);
  if (valid.ok()) valid = ReadLoop(options.loop);
  if (valid.ok()) valid = ReadRootQuery(options.root);
  if (!valid.ok()) return valid;
  const CloudOptions chosen{absl::GetFlag(FLAGS_os_cloud), absl::GetFlag(FLAGS_os_region_name),
                            absl::GetFlag(FLAGS_placement_endpoint)};
  absl::StatusOr<CloudConfig> cloud = ReadCloud(CollectEnvironment(Variable), chosen);
  if (!cloud.ok()) return cloud.status();
  options.cloud = *std::move(cloud);
  return options;
}

void ParseFlags(int argc, char** argv) {
  ParseCommandLine(argc, argv, {"ccplace-sync", CCPLACE_VERSION, kUsage, GroupOf});
}

}  // namespace ccplace::sync
