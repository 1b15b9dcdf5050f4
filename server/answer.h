// How every unary call ends. Thread-safe.
#ifndef CCPLACE_SERVER_ANSWER_H_
#define CCPLACE_SERVER_ANSWER_H_

#include <grpcpp/support/server_callback.h>

#include <chrono>

#include "absl/status/status.h"

namespace ccplace {

// Ends the call of `context` at once with `status`; its answer was filled in before.
grpc::ServerUnaryReactor* Answer(grpc::CallbackServerContext* context, const absl::Status& status);

// When the work of `context`'s call must be done: the caller's deadline, and `limit` from now at
// the latest.
std::chrono::steady_clock::time_point DeadlineOf(const grpc::CallbackServerContext& context,
                                                 std::chrono::milliseconds limit);

}  // namespace ccplace

#endif  // CCPLACE_SERVER_ANSWER_H_
