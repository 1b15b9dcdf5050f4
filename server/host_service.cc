#include "server/host_service.h"

#include <utility>

#include "server/audit.h"
#include "server/call_origin.h"
#include "server/status.h"

namespace ccplace {

HostService::HostService(ServiceRooms rooms, const Callers& callers)
    : rooms_(std::move(rooms)), callers_(callers) {}

absl::Status HostService::Admit(grpc::CallbackServerContext& context, Role needed, Rpc rpc) const {
  if (!rooms_.calls->takes_more()) return StoppingError();
  absl::Status status = callers_.Admit(context, needed);
  if (!status.ok()) {
    WriteAudit(
        {RpcName(rpc), callers_.Describe(context), "", "", "refused", status, TakeOrigin(context)});
  }
  return status;
}

}  // namespace ccplace
