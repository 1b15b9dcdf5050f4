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
  AuditRefusal(context, rpc, uuid, status);
  return status;
}

absl::Status HostService::AuthorizeWrite(grpc::CallbackServerContext& context, Rpc rpc,
                                         const absl::Status& read, const std::string& uuid) const {
  // What was read before a fault says nothing.
  const std::string known = read.ok() ? uuid : "";
  const absl::Status authorized = Authorize(context, Role::kOperator, rpc, known);
  if (!authorized.ok() || read.ok()) return authorized;
  AuditRefusal(context, rpc, known, read);
  return read;
}

void HostService::AuditRefusal(grpc::CallbackServerContext& context, Rpc rpc,
                               const std::string& uuid, const absl::Status& refusal) const {
  const QuotaKey quota_key = authenticator_.QuotaKeyOf(context);
  const auto answer = refusals_.Allow(absl::StrCat(quota_key.endpoint, " ", quota_key.caller),
                                      std::chrono::steady_clock::now());
  LogSuppressed(answer.over);
  if (!answer.may_write) return;
  WriteAudit({RpcName(rpc), authenticator_.Describe(context), uuid, "", "refused", refusal,
              TakeOrigin(context)});
}

}  // namespace ccplace
