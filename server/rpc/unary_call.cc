#include "server/rpc/unary_call.h"

#include <grpcpp/server_context.h>

#include <algorithm>

#include "server/rpc/grpc_status.h"

namespace ccplace {

void Finish(grpc::ServerUnaryReactor* reactor, const CallTimer& timer, const absl::Status& status) {
  timer.End(status.code());
  reactor->Finish(ToGrpcStatus(status));
}

grpc::ServerUnaryReactor* FinishUnary(grpc::CallbackServerContext* context, const CallTimer& timer,
                                      const absl::Status& status) {
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  Finish(reactor, timer, status);
  return reactor;
}

std::chrono::steady_clock::time_point DeadlineOf(const grpc::CallbackServerContext& context,
                                                 std::chrono::milliseconds limit) {
  const auto now = std::chrono::system_clock::now();
  // A call without a deadline has one at the end of time; compared before it is subtracted from.
  const auto wall = std::min(context.deadline(), now + limit);
  return std::chrono::steady_clock::now() +
         std::chrono::duration_cast<std::chrono::steady_clock::duration>(wall - now);
}

}  // namespace ccplace
