// UndefineTdxDomain: removes a trust domain.
#include "server/rpc/host_service.h"
#include "server/rpc/unary_call.h"
#include "server/rpc/write_call.h"

namespace ccplace {

grpc::ServerUnaryReactor* HostService::UndefineTdxDomain(
    grpc::CallbackServerContext* context, const v1::UndefineTdxDomainRequest* request,
    v1::UndefineTdxDomainResponse* answer) {
  const CallTimer timer(*dependencies_.calls, Rpc::kUndefineTdxDomain);
  const absl::Status authorized =
      Authorize(*context, Role::kOperator, Rpc::kUndefineTdxDomain, request->uuid());
  if (!authorized.ok()) return FinishUnary(context, timer, authorized);
  AuditEntry audit{"UndefineTdxDomain",
                   authenticator_.Describe(*context),
                   request->uuid(),
                   "",
                   request->stop() ? "undefine,stop" : "undefine",
                   absl::OkStatus(),
                   TakeOrigin(*context)};
  return RunWrite(dependencies_, context, timer, *request, answer, std::move(audit),
                  SideEffect::kMayChangeHost,
                  [](TdxLifecycle& lifecycle, const auto& asked, auto deadline) {
                    return lifecycle.Undefine(asked, deadline);
                  });
}

}  // namespace ccplace
