// ccplace-sync's three ways to run.
#ifndef CCPLACE_CLIENT_SYNC_APP_RUN_H_
#define CCPLACE_CLIENT_SYNC_APP_RUN_H_

#include <ostream>

#include "client/sync/app/stop_token.h"
#include "client/sync/app/sync_options.h"
#include "lib/observability/command_line.h"

namespace ccplace::sync {

inline constexpr int kExitOk = 0;
inline constexpr int kExitFailed = 1;
inline constexpr int kExitUsage = kExitWrongUse;
inline constexpr int kExitDiffers = 3;
inline constexpr int kExitSkipped = 4;

// One round from the host's present answers. What was done of it, or with options.dry_run is to be
// done, goes to `out`.
int RunOnce(const SyncOptions& options, StopToken& stop, std::ostream& out);

// Follows the host until `stop` is set by another thread, or ccplaced refuses for good.
int RunLoop(const SyncOptions& options, StopToken& stop);

}  // namespace ccplace::sync

#endif  // CCPLACE_CLIENT_SYNC_APP_RUN_H_
