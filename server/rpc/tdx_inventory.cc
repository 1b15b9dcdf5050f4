// TdxInventory: how many trust domains fit.
#include "server/rpc/host_service.h"
#include "server/rpc/snapshot_bytes.h"
#include "server/rpc/unary_call.h"

namespace ccplace {

grpc::ServerUnaryReactor* HostService::TdxInventory(grpc::CallbackServerContext* context,
                                                    const grpc::ByteBuffer* /*request*/,
                                                    grpc::ByteBuffer* answer) {
  const CallTimer timer(*dependencies_.calls, Rpc::kTdxInventory);
  const absl::Status authorized = Authorize(*context, Role::kReader, Rpc::kTdxInventory);
  if (!authorized.ok()) return FinishUnary(context, timer, authorized);
  const LatestFacts facts(*dependencies_.state);
  PutWithFreshness(SnapshotBytes::Of(facts.snapshot()).inventory(), facts.freshness(), *answer);
  return FinishUnary(context, timer, absl::OkStatus());
}

}  // namespace ccplace
