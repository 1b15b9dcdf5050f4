// DefineTdxDomain: makes a trust domain.
#include <utility>
#include <vector>

#include "absl/strings/str_join.h"
#include "lib/domain/domain_xml.h"
#include "server/rpc/host_service.h"
#include "server/rpc/request_bytes.h"
#include "server/rpc/unary_call.h"
#include "server/rpc/write_call.h"

namespace ccplace {
namespace {

std::string Asked(const v1::DefineTdxDomainRequest& request) {
  std::vector<std::string> asked = {"define"};
  if (request.dry_run()) asked = {"dry_run"};
  if (request.start()) asked.emplace_back("start");
  if (request.launch().debug()) asked.emplace_back("debug");
  return absl::StrJoin(asked, ",");
}

}  // namespace

grpc::ServerUnaryReactor* HostService::DefineTdxDomain(grpc::CallbackServerContext* context,
                                                       const grpc::ByteBuffer* bytes,
                                                       grpc::ByteBuffer* answer) {
  const CallTimer timer(*dependencies_.calls, Rpc::kDefineTdxDomain);
  v1::DefineTdxDomainRequest request;
  const absl::Status read = ParseRequest(*bytes, request);
  const absl::Status authorized =
      AuthorizeWrite(*context, Rpc::kDefineTdxDomain, read, request.domain().uuid());
  if (!authorized.ok()) return FinishUnary(context, timer, authorized);
  const auto digest = RequestDigest(request);
  if (!digest.ok()) return FinishUnary(context, timer, digest.status());
  AuditEntry audit{"DefineTdxDomain",       authenticator_.Describe(*context),
                   request.domain().uuid(), *digest,
                   Asked(request),          absl::OkStatus(),
                   TakeOrigin(*context)};
  const SideEffect effect = request.dry_run() ? SideEffect::kNone : SideEffect::kMayChangeHost;
  return RunWrite<v1::DefineTdxDomainResponse>(
      dependencies_, context, timer, std::move(request), answer, std::move(audit), effect,
      [digest = *digest](TdxLifecycle& lifecycle, const auto& asked, auto deadline) {
        return lifecycle.Define(asked, digest, deadline);
      });
}

}  // namespace ccplace
