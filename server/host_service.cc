#include "server/host_service.h"

#include <utility>

#include "server/audit.h"

namespace ccplace {

HostService::HostService(ServiceRooms rooms, const Callers& callers)
    : rooms_(std::move(rooms)), callers_(callers) {}

absl::Status HostService::Admit(const grpc::CallbackServerContext& context, Role needed,
                                absl::string_view rpc) const {
  absl::Status status = callers_.Admit(context, needed);
  if (!status.ok()) WriteAudit({rpc, callers_.Describe(context), "", "", "refused", status});
  return status;
}

}  // namespace ccplace
