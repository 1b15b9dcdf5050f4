// HostCapabilities: what this host can do.
#include "server/answer.h"
#include "server/host_service.h"
#include "server/request_bytes.h"
#include "server/snapshot_bytes.h"
#include "server/status.h"

namespace ccplace {
namespace {

void FillIn(const HostState& state, grpc::ByteBuffer* answer) {
  *answer = WithFreshness(SnapshotBytes::Of(state.Current()).capabilities(), state.FreshnessNow());
}

}  // namespace

grpc::ServerUnaryReactor* HostService::HostCapabilities(grpc::CallbackServerContext* context,
                                                        const grpc::ByteBuffer* request,
                                                        grpc::ByteBuffer* answer) {
  const absl::Status admitted = Admit(*context, Role::kReader, "HostCapabilities");
  if (!admitted.ok()) return Answer(context, admitted);
  v1::HostCapabilitiesRequest parsed;
  const absl::Status read = ParseRequest(*request, parsed);
  if (!read.ok()) return Answer(context, read);
  if (!parsed.refresh()) {
    FillIn(*rooms_.state, answer);
    return Answer(context, absl::OkStatus());
  }
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  rooms_.state->Refresh(DeadlineOf(*context, rooms_.hypervisor_timeout),
                        [state = rooms_.state, reactor, answer](const absl::Status& status) {
                          if (status.ok()) FillIn(*state, answer);
                          reactor->Finish(ToWire(status));
                        });
  return reactor;
}

}  // namespace ccplace
