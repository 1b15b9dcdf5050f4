// UndefineTdxDomain: removes a trust domain.
#include "server/rpc/host_service.h"
#include "server/rpc/request_metadata.h"
#include "server/rpc/write_call.h"

namespace ccplace {

grpc::ServerUnaryReactor* HostService::UndefineTdxDomain(
    grpc::CallbackServerContext* context, const v1::UndefineTdxDomainRequest* request,
    v1::UndefineTdxDomainResponse* answer) {
  const CallTimer timer(*rooms_.calls, Rpc::kUndefineTdxDomain);
  const absl::Status admitted =
      Admit(*context, Role::kOperator, Rpc::kUndefineTdxDomain, request->uuid());
  if (!admitted.ok()) return Answer(context, timer, admitted);
  AuditEntry audit{"UndefineTdxDomain",
                   callers_.Describe(*context),
                   request->uuid(),
                   "",
                   request->stop() ? "undefine,stop" : "undefine",
                   absl::OkStatus(),
                   TakeOrigin(*context)};
  return RunWrite(rooms_, context, timer, *request, answer, std::move(audit), Effect::kChangesHost,
                  [](TdxLifecycle& lifecycle, const auto& asked, auto deadline) {
                    return lifecycle.Undefine(asked, deadline);
                  });
}

}  // namespace ccplace
