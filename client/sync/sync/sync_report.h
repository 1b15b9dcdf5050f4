// What a round came to, for people. Thread-safe: pure functions.
#ifndef CCPLACE_CLIENT_SYNC_SYNC_SYNC_REPORT_H_
#define CCPLACE_CLIENT_SYNC_SYNC_SYNC_REPORT_H_

#include <string>

#include "client/sync/sync/host_sync.h"

namespace ccplace::sync {

// Lines that explain every decision of a dry run: the state of each child and why, then each write
// that a real run would do now, in order. Ends with a newline.
std::string DryRunText(const SyncReport& report);

// The same of a round that wrote: each write that it did, or that there was nothing to write.
std::string DoneText(const SyncReport& report);

// Whether a child that the host offers keys for was left to nova or to somebody else.
bool HasSkipped(const SyncReport& report);

}  // namespace ccplace::sync

#endif  // CCPLACE_CLIENT_SYNC_SYNC_SYNC_REPORT_H_
