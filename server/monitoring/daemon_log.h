// The daemon's log, on standard error.
#ifndef CCPLACE_SERVER_MONITORING_DAEMON_LOG_H_
#define CCPLACE_SERVER_MONITORING_DAEMON_LOG_H_

#include "server/config/options.h"

namespace ccplace {

// SetUpLog for the daemon, gRPC's own lines included.
void SetUpDaemonLog(const ObserveOptions& options);

}  // namespace ccplace

#endif  // CCPLACE_SERVER_MONITORING_DAEMON_LOG_H_
