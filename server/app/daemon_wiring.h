// The daemon's own rooms: what it knows of the host, and what it does to it.
#ifndef CCPLACE_SERVER_APP_DAEMON_WIRING_H_
#define CCPLACE_SERVER_APP_DAEMON_WIRING_H_

#include <chrono>
#include <memory>

#include "absl/status/statusor.h"
#include "lib/host/host_files.h"
#include "lib/hypervisor/hypervisor.h"
#include "server/config/options.h"
#include "server/rpc/service_dependencies.h"

namespace ccplace {

// The two outside systems. Neither may be null.
struct HostBackends {
  std::shared_ptr<const HostFiles> files;
  std::shared_ptr<Hypervisor> hypervisor;
};

// The host that `options` describe, or a simulated one (with a SimulatedHypervisor). Fails when the
// host's root cannot be opened, or libvirt's client library not be loaded.
absl::StatusOr<HostBackends> OpenBackends(const HostOptions& options);

// The rooms of `outside`; reading has begun. Waits a few seconds at most for the first facts, so
// that the first answers have them; a libvirt that cannot be reached is no error here. `options`
// passed CheckOptions.
ServiceDependencies BuildServices(const Options& options, const HostBackends& backends);

}  // namespace ccplace

#endif  // CCPLACE_SERVER_APP_DAEMON_WIRING_H_
