// TdxInventory: how many trust domains fit.
#include "server/answer.h"
#include "server/host_service.h"
#include "server/snapshot_bytes.h"

namespace ccplace {

grpc::ServerUnaryReactor* HostService::TdxInventory(grpc::CallbackServerContext* context,
                                                    const grpc::ByteBuffer* /*request*/,
                                                    grpc::ByteBuffer* answer) {
  const absl::Status admitted = Admit(*context, Role::kReader, "TdxInventory");
  if (!admitted.ok()) return Answer(context, admitted);
  *answer = WithFreshness(SnapshotBytes::Of(rooms_.state->Current()).inventory(),
                          rooms_.state->FreshnessNow());
  return Answer(context, absl::OkStatus());
}

}  // namespace ccplace
