#include "server/rpc/unary_call.h"

#include <grpcpp/server_context.h>

#include <algorithm>

#include "server/rpc/grpc_status.h"

namespace ccplace {
namespace {

constexpr char kRequestId[] = "x-request-id";

absl::string_view OnlyOne(const grpc::CallbackServerContext& context, const char* name) {
  const auto& metadata = context.client_metadata();
  const auto [first, last] = metadata.equal_range(name);
  if (first == last || std::next(first) != last) return {};
  return {first->second.data(), first->second.size()};
}

}  // namespace

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

TraceContext TakeOrigin(grpc::CallbackServerContext& context) {
  TraceContext origin =
      MakeTraceContext(OnlyOne(context, kRequestId), OnlyOne(context, "traceparent"));
  context.AddTrailingMetadata(kRequestId, origin.request_id);
  return origin;
}

}  // namespace ccplace
