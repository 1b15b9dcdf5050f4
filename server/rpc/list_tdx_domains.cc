// ListTdxDomains: the trust domains that this service defined.
#include "server/rpc/host_service.h"
#include "server/rpc/snapshot_bytes.h"
#include "server/rpc/unary_call.h"

namespace ccplace {

grpc::ServerUnaryReactor* HostService::ListTdxDomains(grpc::CallbackServerContext* context,
                                                      const grpc::ByteBuffer* /*request*/,
                                                      grpc::ByteBuffer* answer) {
  const CallTimer timer(*dependencies_.calls, Rpc::kListTdxDomains);
  const absl::Status authorized = Authorize(*context, Role::kReader, Rpc::kListTdxDomains);
  if (!authorized.ok()) return FinishUnary(context, timer, authorized);
  const LatestFacts facts(*dependencies_.state);
  if (!facts.snapshot()->domains_known) {
    return FinishUnary(
        context, timer,
        absl::UnavailableError("libvirt has not listed its domains since the daemon started; see "
                               "HostCapabilities for why, and retry with backoff"));
  }
  PutWithFreshness(SnapshotBytes::Of(facts.snapshot()).domains(), facts.freshness(), *answer);
  return FinishUnary(context, timer, absl::OkStatus());
}

}  // namespace ccplace
