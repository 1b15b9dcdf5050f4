// How every unary call ends. Thread-safe.
#ifndef CCPLACE_SERVER_RPC_UNARY_CALL_H_
#define CCPLACE_SERVER_RPC_UNARY_CALL_H_

#include <grpcpp/support/server_callback.h>

#include <chrono>

#include "absl/status/status.h"
#include "server/rpc/call_counts.h"

namespace ccplace {

// Ends the call that `timer` times with `status`; its answer was filled in before.
void Finish(grpc::ServerUnaryReactor* reactor, const CallTimer& timer, const absl::Status& status);

// Finish, at once, for the call of `context`.
grpc::ServerUnaryReactor* FinishUnary(grpc::CallbackServerContext* context, const CallTimer& timer,
                                      const absl::Status& status);

// When the work of `context`'s call must be done: the caller's deadline, and `limit` from now at
// the latest.
std::chrono::steady_clock::time_point DeadlineOf(const grpc::CallbackServerContext& context,
                                                 std::chrono::milliseconds limit);

}  // namespace ccplace

#endif  // CCPLACE_SERVER_RPC_UNARY_CALL_H_
