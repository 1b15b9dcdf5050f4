// UndefineTdxDomain: removes a trust domain.
#include <utility>

#include "server/rpc/host_service.h"
#include "server/rpc/request_bytes.h"
#include "server/rpc/unary_call.h"
#include "server/rpc/write_call.h"

namespace ccplace {

grpc::ServerUnaryReactor* HostService::UndefineTdxDomain(grpc::CallbackServerContext* context,
                                                         const grpc::ByteBuffer* bytes,
                                                         grpc::ByteBuffer* answer) {
  const CallTimer timer(*dependencies_.calls, Rpc::kUndefineTdxDomain);
  v1::UndefineTdxDomainRequest request;
  const absl::Status read = ParseRequest(*bytes, request);
  const absl::Status authorized =
      AuthorizeWrite(*context, Rpc::kUndefineTdxDomain, read, request.uuid());
  if (!authorized.ok()) return FinishUnary(context, timer, authorized);
  AuditEntry audit{"UndefineTdxDomain",
                   authenticator_.Describe(*context),
                   request.uuid(),
                   "",
                   request.stop() ? "undefine,stop" : "undefine",
                   absl::OkStatus(),
                   TakeOrigin(*context)};
  return RunWrite<v1::UndefineTdxDomainResponse>(
      dependencies_, context, timer, std::move(request), answer, std::move(audit),
      SideEffect::kMayChangeHost, [](TdxLifecycle& lifecycle, const auto& asked, auto deadline) {
        return lifecycle.Undefine(asked, deadline);
      });
}

}  // namespace ccplace
