// Flags: what operators see of the daemon.
#include <string>

#include "absl/flags/flag.h"
#include "lib/observability/log.h"
#include "server/config/flags.h"

ABSL_FLAG(std::string, metrics_address, "",
          "Loopback IP:PORT or [::1]:PORT to serve Prometheus' metrics at /metrics, without "
          "authentication; 127.0.0.1:9464 is customary. Empty: none.");
ABSL_FLAG(
    bool, metrics_beyond_loopback, false,
    "Allow a --metrics_address that other machines reach: they can read this host's figures.");
ABSL_FLAG(std::string, log_level, "info",
          "Least severe line to write to standard error: trace, debug, info, warning, error, "
          "critical or off. The signal USR1 makes the running daemon say more by one level, USR2 "
          "less. The audit of changes is written in any case.");
ABSL_FLAG(ccplace::LogFormat, log_format, ccplace::LogFormat::kAuto,
          "text for people, json for one object a line; auto is json when standard error goes to "
          "the systemd journal.");

namespace ccplace {

void ReadObserveFlags(ObserveOptions& options) {
  options.metrics_address = absl::GetFlag(FLAGS_metrics_address);
  options.metrics_beyond_loopback = absl::GetFlag(FLAGS_metrics_beyond_loopback);
  options.log_level = absl::GetFlag(FLAGS_log_level);
  options.log_format = absl::GetFlag(FLAGS_log_format);
}

}  // namespace ccplace
