// Requests that met a database which gave their transaction up, sent again.
#ifndef CCPLACE_CLIENT_SYNC_HTTP_DATABASE_LOCK_RETRY_H_
#define CCPLACE_CLIENT_SYNC_HTTP_DATABASE_LOCK_RETRY_H_

#include <chrono>
#include <memory>

#include "client/sync/http/http_client.h"

namespace ccplace::sync {

// How often such a request is sent in all.
inline constexpr int kDatabaseLockAttempts = 6;

// `client`, but that a 500 whose body says "database is locked", or that the database found a
// deadlock, is waited out, `wait` the first time and twice as long each time. Placement answers so
// where two writers meet; the transaction was rolled back, so that no write is done twice. `stop`:
// as in HttpOptions; the wait ends soon after it is set. For one thread at a time.
std::unique_ptr<HttpClient> RetryDatabaseLocks(
    std::unique_ptr<HttpClient> client, const std::atomic<bool>* stop,
    std::chrono::milliseconds wait = std::chrono::milliseconds(50));

}  // namespace ccplace::sync

#endif  // CCPLACE_CLIENT_SYNC_HTTP_DATABASE_LOCK_RETRY_H_
