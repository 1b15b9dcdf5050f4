// HostCapabilities: what this host can do.
#include "server/rpc/host_service.h"
#include "server/rpc/request_bytes.h"
#include "server/rpc/snapshot_bytes.h"
#include "server/rpc/unary_call.h"

namespace ccplace {
namespace {

void FillIn(const HostState& state, grpc::ByteBuffer* answer) {
  const LatestFacts facts(state);
  PutWithFreshness(SnapshotBytes::Of(facts.snapshot()).capabilities(), facts.freshness(), *answer);
}

}  // namespace

grpc::ServerUnaryReactor* HostService::HostCapabilities(grpc::CallbackServerContext* context,
                                                        const grpc::ByteBuffer* request,
                                                        grpc::ByteBuffer* answer) {
  const CallTimer timer(*dependencies_.calls, Rpc::kHostCapabilities);
  const absl::Status authorized = Authorize(*context, Role::kReader, Rpc::kHostCapabilities);
  if (!authorized.ok()) return FinishUnary(context, timer, authorized);
  v1::HostCapabilitiesRequest parsed;
  const absl::Status read = ParseRequest(*request, parsed);
  if (!read.ok()) return FinishUnary(context, timer, read);
  if (!parsed.refresh()) {
    FillIn(*dependencies_.state, answer);
    return FinishUnary(context, timer, absl::OkStatus());
  }
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  dependencies_.state->Refresh(
      DeadlineOf(*context, dependencies_.hypervisor_timeout),
      [state = dependencies_.state, reactor, answer, timer](const absl::Status& status) {
        if (status.ok()) FillIn(*state, answer);
        Finish(reactor, timer, status);
      });
  return reactor;
}

}  // namespace ccplace
