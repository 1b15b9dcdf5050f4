// HostCapabilities: what this host can do.
#include <grpcpp/support/proto_buffer_reader.h>

#include "server/answer.h"
#include "server/host_service.h"
#include "server/snapshot_bytes.h"
#include "server/status.h"

namespace ccplace {
namespace {

void FillIn(const HostState& state, grpc::ByteBuffer* answer) {
  *answer = WithFreshness(SnapshotBytes::Of(state.Current()).capabilities(), state.FreshnessNow());
}

absl::StatusOr<v1::HostCapabilitiesRequest> Parse(const grpc::ByteBuffer& bytes) {
  v1::HostCapabilitiesRequest request;
  if (bytes.Length() == 0) return request;
  grpc::ByteBuffer copy = bytes;  // The reader wants it writable; the slices are shared.
  grpc::ProtoBufferReader reader(&copy);
  if (reader.status().ok() && request.ParseFromZeroCopyStream(&reader)) return request;
  return absl::InvalidArgumentError(
      "the request is no ccplace.v1.HostCapabilitiesRequest; generate the client anew");
}

}  // namespace

grpc::ServerUnaryReactor* HostService::HostCapabilities(grpc::CallbackServerContext* context,
                                                        const grpc::ByteBuffer* request,
                                                        grpc::ByteBuffer* answer) {
  const absl::Status admitted = Admit(*context, Role::kReader, "HostCapabilities");
  if (!admitted.ok()) return Answer(context, admitted);
  const auto parsed = Parse(*request);
  if (!parsed.ok()) return Answer(context, parsed.status());
  if (!parsed->refresh()) {
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
