// ccplace-sync's options, from flags and the environment.
#ifndef CCPLACE_CLIENT_SYNC_APP_SYNC_OPTIONS_H_
#define CCPLACE_CLIENT_SYNC_APP_SYNC_OPTIONS_H_

#include <string>

#include "absl/status/statusor.h"
#include "client/client.h"
#include "client/sync/cloud/cloud_config.h"
#include "client/sync/sync/host_sync.h"
#include "client/sync/sync/sync_loop.h"
#include "lib/observability/log.h"

namespace ccplace::sync {

struct SyncOptions : HostSyncOptions {
  ClientOptions host;
  CloudConfig cloud;
  LoopOptions loop;
  std::string metrics_address;  // A loopback IP and port. Empty: none.
  LogOptions log;
  bool once = false;
  bool explain_login = false;
};

// Reads the flags, which were parsed before. INVALID_ARGUMENT or NOT_FOUND name the flag or setting
// and the remedy.
absl::StatusOr<SyncOptions> OptionsFromFlags();

// Parses the command line into the flags, and ends the program as ParseCommandLine does.
void ParseFlags(int argc, char** argv);

}  // namespace ccplace::sync

#endif  // CCPLACE_CLIENT_SYNC_APP_SYNC_OPTIONS_H_
