// Messages between systemd and the daemon. Without systemd every function does nothing.
#ifndef CCPLACE_SERVER_APP_SYSTEMD_H_
#define CCPLACE_SERVER_APP_SYSTEMD_H_

#include <chrono>
#include <map>
#include <optional>
#include <string>

namespace ccplace {

// Sockets that systemd hands over, by their FileDescriptorName= (sd_listen_fds(3)), of which one
// socket unit gives the same to all of its own. Nothing is known of what they are. The caller owns
// the descriptors. For one call, before there are threads.
std::multimap<std::string, int> TakeSystemdSockets();

// Sends a state ("READY=1"; sd_notify(3)). Thread-safe.
void NotifySystemd(const std::string& state);

// How often WATCHDOG=1 is due: half of WatchdogSec=. Nothing: the unit has none.
std::optional<std::chrono::microseconds> WatchdogInterval();

}  // namespace ccplace

#endif  // CCPLACE_SERVER_APP_SYSTEMD_H_
