// The daemon's own rooms: what it knows of the host, and what it does to it.
#ifndef CCPLACE_SERVER_HOST_ROOMS_H_
#define CCPLACE_SERVER_HOST_ROOMS_H_

#include <chrono>
#include <memory>

#include "absl/status/statusor.h"
#include "server/host_service.h"
#include "server/options.h"

namespace ccplace {

// The rooms of the host that `options` describe, or of a simulated one; reading has begun. Waits a
// few seconds at most for the first facts, so that the first answers have them; a libvirt that
// cannot be reached is no error here. `options` passed CheckOptions. Other codes: the host's root
// cannot be opened.
absl::StatusOr<ServiceRooms> OpenHostRooms(const Options& options);

}  // namespace ccplace

#endif  // CCPLACE_SERVER_HOST_ROOMS_H_
