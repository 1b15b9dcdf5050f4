#include "server/rpc/host_service.h"

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "server/audit/audit.h"
#include "server/rpc/grpc_status.h"
#include "server/rpc/unary_call.h"

namespace ccplace {

namespace {

void LogSuppressed(const std::vector<CallerLogRateLimiter::Suppressed>& suppressed) {
  for (const auto& [caller, lines] : suppressed) {
    WriteAudit({"several", caller, "", "", "refused",
                absl::PermissionDeniedError(
                    absl::StrCat(lines, " more calls were refused within ten seconds"))});
  }
}

}  // namespace

HostService::HostService(ServiceDependencies dependencies, const Authenticator& authenticator)
    : dependencies_(std::move(dependencies)), authenticator_(authenticator) {}

HostService::~HostService() { LogSuppressed(refusals_.Flush()); }

absl::Status HostService::Authorize(grpc::CallbackServerContext& context, Role needed, Rpc rpc,
                                    const std::string& uuid) const {
  const bool stopping = !dependencies_.calls->takes_more();
  absl::Status status = stopping ? StoppingError() : authenticator_.Authorize(context, needed);
  // A read that comes too late is no fault of its caller.
  if (status.ok() || (stopping && needed != Role::kOperator)) return status;
  const QuotaKey quota_key = authenticator_.QuotaKeyOf(context);
  const auto answer = refusals_.Allow(absl::StrCat(quota_key.endpoint, " ", quota_key.caller),
                                      std::chrono::steady_clock::now());
  LogSuppressed(answer.over);
  if (!answer.may_write) return status;
  WriteAudit({RpcName(rpc), authenticator_.Describe(context), uuid, "", "refused", status,
              TakeOrigin(context)});
  return status;
}

}  // namespace ccplace
