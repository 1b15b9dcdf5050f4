#include "server/rpc/host_service.h"

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "server/audit/audit.h"
#include "server/rpc/grpc_status.h"
#include "server/rpc/request_metadata.h"

namespace ccplace {

namespace {

void WriteKeptBack(const std::vector<CallerLogGate::KeptBack>& kept_back) {
  for (const auto& [caller, lines] : kept_back) {
    WriteAudit({"several", caller, "", "", "refused",
                absl::PermissionDeniedError(
                    absl::StrCat(lines, " more calls were refused within ten seconds"))});
  }
}

}  // namespace

HostService::HostService(ServiceRooms rooms, const Callers& callers)
    : rooms_(std::move(rooms)), callers_(callers) {}

HostService::~HostService() { WriteKeptBack(refusals_.TakeRest()); }

absl::Status HostService::Admit(grpc::CallbackServerContext& context, Role needed, Rpc rpc,
                                const std::string& uuid) const {
  const bool stopping = !rooms_.calls->takes_more();
  absl::Status status = stopping ? StoppingError() : callers_.Admit(context, needed);
  // Nobody is to blame for a read that comes too late.
  if (status.ok() || (stopping && needed != Role::kOperator)) return status;
  const PlaceHolder holder = callers_.HolderOf(context);
  const auto answer = refusals_.Pass(absl::StrCat(holder.door, " ", holder.caller),
                                     std::chrono::steady_clock::now());
  WriteKeptBack(answer.over);
  if (!answer.may_write) return status;
  WriteAudit(
      {RpcName(rpc), callers_.Describe(context), uuid, "", "refused", status, TakeOrigin(context)});
  return status;
}

}  // namespace ccplace
