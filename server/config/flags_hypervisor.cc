// Flags: how libvirt is used.
#include "absl/flags/flag.h"
#include "absl/time/time.h"
#include "lib/observability/duration_flag.h"
#include "server/config/flags.h"

ABSL_FLAG(uint32_t, hypervisor_threads, 6,
          "Calls to libvirt under way at one time: 2 to 64; starts take all but two of them.");
ABSL_FLAG(uint32_t, hypervisor_queue, 64,
          "Calls waiting for one of these; one more is refused with RESOURCE_EXHAUSTED.");
ABSL_FLAG(ccplace::DurationFlag, hypervisor_timeout, {absl::Seconds(30)},
          "Longest that a call waits for libvirt; a shorter deadline of the caller counts.");
ABSL_FLAG(ccplace::DurationFlag, refresh_interval, {absl::Seconds(10)},
          "How often the host is read again without a sign of change.");

namespace ccplace {

void ReadHypervisorFlags(HypervisorOptions& options) {
  options.threads = absl::GetFlag(FLAGS_hypervisor_threads);
  options.queue = absl::GetFlag(FLAGS_hypervisor_queue);
  options.timeout = absl::GetFlag(FLAGS_hypervisor_timeout).milliseconds();
  options.refresh_interval = absl::GetFlag(FLAGS_refresh_interval).milliseconds();
}

}  // namespace ccplace
