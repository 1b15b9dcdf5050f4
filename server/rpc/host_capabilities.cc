// HostCapabilities: what this host can do.
#include "server/rpc/host_service.h"
#include "server/rpc/request_bytes.h"
#include "server/rpc/snapshot_bytes.h"
#include "server/rpc/unary_call.h"

namespace ccplace {
namespace {

void FillIn(const HostState& state, grpc::ByteBuffer* answer) {
  const auto [snapshot, freshness] = Latest(state);
  *answer = WithFreshness(SnapshotBytes::Of(snapshot).capabilities(), freshness);
}

}  // namespace

grpc::ServerUnaryReactor* HostService::HostCapabilities(grpc::CallbackServerContext* context,
                                                        const grpc::ByteBuffer* request,
                                                        grpc::ByteBuffer* answer) {
  const CallTimer timer(*rooms_.calls, Rpc::kHostCapabilities);
  const absl::Status admitted = Admit(*context, Role::kReader, Rpc::kHostCapabilities);
  if (!admitted.ok()) return Answer(context, timer, admitted);
  v1::HostCapabilitiesRequest parsed;
  const absl::Status read = ParseRequest(*request, parsed);
  if (!read.ok()) return Answer(context, timer, read);
  if (!parsed.refresh()) {
    FillIn(*rooms_.state, answer);
    return Answer(context, timer, absl::OkStatus());
  }
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  rooms_.state->Refresh(DeadlineOf(*context, rooms_.hypervisor_timeout),
                        [state = rooms_.state, reactor, answer, timer](const absl::Status& status) {
                          if (status.ok()) FillIn(*state, answer);
                          Finish(reactor, timer, status);
                        });
  return reactor;
}

}  // namespace ccplace
