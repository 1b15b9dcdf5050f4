// ValidateRequest: whether a flavor and an image may run, on any host and on this one.
#include "lib/request/host_verdict.h"
#include "lib/request/rules.h"
#include "server/answer.h"
#include "server/host_service.h"

namespace ccplace {
namespace {

void JudgeOnThisHost(const HostState& state, const Snapshot& snapshot,
                     v1::ValidateRequestResponse& answer) {
  *answer.mutable_freshness() = state.FreshnessNow();
  answer.set_simulated(snapshot.simulated);
  if (answer.model() == v1::ENCRYPTION_MODEL_UNSPECIFIED) return;
  JudgeHost(answer.model(), ModelOf(snapshot, answer.model()), answer.freshness(),
            *answer.mutable_host());
}

}  // namespace

grpc::ServerUnaryReactor* HostService::ValidateRequest(grpc::CallbackServerContext* context,
                                                       const v1::ValidateRequestRequest* request,
                                                       v1::ValidateRequestResponse* answer) {
  absl::Status status = Admit(*context, Role::kReader, "ValidateRequest");
  if (status.ok()) status = CheckRequestBounds(*request);
  if (!status.ok()) return Answer(context, status);
  const std::shared_ptr<const Snapshot> snapshot = rooms_.state->Current();
  JudgeRequest(*request, snapshot->capabilities.policy(), *answer);
  JudgeOnThisHost(*rooms_.state, *snapshot, *answer);
  return Answer(context, absl::OkStatus());
}

}  // namespace ccplace
