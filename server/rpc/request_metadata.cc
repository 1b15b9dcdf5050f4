#include "server/rpc/request_metadata.h"

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

TraceContext TakeOrigin(grpc::CallbackServerContext& context) {
  TraceContext origin =
      MakeTraceContext(OnlyOne(context, kRequestId), OnlyOne(context, "traceparent"));
  context.AddTrailingMetadata(kRequestId, origin.request_id);
  return origin;
}

}  // namespace ccplace
