// Whose call it was, from what came with it over the wire, and how every unary call ends.
// Thread-safe.
#ifndef CCPLACE_SERVER_RPC_UNARY_CALL_H_
#define CCPLACE_SERVER_RPC_UNARY_CALL_H_

#include <grpcpp/server_context.h>
#include <grpcpp/support/server_callback.h>

#include <chrono>

#include "absl/status/status.h"
#include "lib/observability/trace_context.h"
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

// The origin of `context`'s call, from the metadata "x-request-id" and "traceparent"; one that
// comes twice counts as none. The request id goes back to the caller in the trailing metadata, so
// that a person with an answer in hand finds the line in the log. For one call, before the end is
// begun.
TraceContext TakeOrigin(grpc::CallbackServerContext& context);

}  // namespace ccplace

#endif  // CCPLACE_SERVER_RPC_UNARY_CALL_H_
