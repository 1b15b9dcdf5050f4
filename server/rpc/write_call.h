// A call that changes the host: libvirt works off the serving threads, then the call is answered.
#ifndef CCPLACE_SERVER_RPC_WRITE_CALL_H_
#define CCPLACE_SERVER_RPC_WRITE_CALL_H_

#include <functional>
#include <memory>
#include <utility>

#include "absl/status/statusor.h"
#include "lib/hypervisor/domain_state.h"
#include "lib/observability/log.h"
#include "server/audit/audit.h"
#include "server/rpc/host_service.h"
#include "server/rpc/snapshot_bytes.h"
#include "server/rpc/unary_call.h"
#include "server/rpc/unknown_fields.h"

namespace ccplace {

// Whether a call that ended so can have changed the host. The other codes come before any change,
// or mean that it is not known, which the next reading settles.
inline bool MayHaveSideEffects(const absl::Status& status) {
  return status.ok() || absl::IsAborted(status) || absl::IsInternal(status);
}

enum class SideEffect { kNone, kMayChangeHost };

inline grpc::ByteBuffer AnswerBytes(const google::protobuf::Message& answer) {
  const grpc::Slice bytes = Serialised(answer);
  return {&bytes, 1};
}

// Updates the facts with what a successful call did.
inline void RefreshAfterWrite(HostState& state, const v1::DefineTdxDomainResponse& made,
                              std::chrono::steady_clock::time_point deadline,
                              std::function<void(absl::Status)> done) {
  if (RowOf(made.state()).active || made.already_defined())
    return state.RefreshDomains(deadline, done);
  state.AddDomain({made.uuid(), made.name(), v1::DOMAIN_STATE_SHUT_OFF, made.xml()}, deadline,
                  std::move(done));
}

inline void RefreshAfterWrite(HostState& state, const v1::UndefineTdxDomainResponse& /*made*/,
                              std::chrono::steady_clock::time_point deadline,
                              std::function<void(absl::Status)> done) {
  state.RefreshDomains(deadline, std::move(done));
}

// What one call works on. Owned by the work, which libvirt may hold up past the call's end.
template <typename Request, typename Response>
struct WriteCall {
  const Request request;
  Response response;
  AuditRecord audit;
};

// What the pool runs for a call: `step`, with the call's deadline. A request with fields that this
// version does not know is refused.
template <typename Call, typename Step>
WorkPool::Work WorkOf(std::shared_ptr<Call> call, const ServiceDependencies& dependencies,
                      std::chrono::steady_clock::time_point deadline, Step step) {
  return [call = std::move(call), lifecycle = dependencies.lifecycle, deadline, step,
          at_work = std::make_shared<WriteAtWork>(dependencies.calls)] {
    absl::Status ended = RefuseUnknownFields(call->request);
    if (ended.ok()) {
      auto made = step(*lifecycle, call->request, deadline);
      ended = made.status();
      if (ended.ok()) call->response = *std::move(made);
    }
    call->audit.Ended(ended);
    return ended;
  };
}

// Runs `step` on the pool, with the call's deadline; has the facts follow where domains can have
// changed, so that what was done shows in the answers that follow; then fills in `answer` and ends
// the call.
template <typename Response, typename Request, typename Step>
grpc::ServerUnaryReactor* RunWrite(const ServiceDependencies& dependencies,
                                   grpc::CallbackServerContext* context, const CallTimer& timer,
                                   Request request, grpc::ByteBuffer* answer, AuditEntry audit,
                                   SideEffect effect, Step step) {
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  const auto deadline = DeadlineOf(*context, dependencies.hypervisor_timeout);
  const std::shared_ptr<WriteCall<Request, Response>> call(
      new WriteCall<Request, Response>{std::move(request), {}, {std::move(audit), LogAudit}});
  if (effect == SideEffect::kMayChangeHost) call->audit.Begin();
  // Only the work itself ends with OK: then it is over, and its response is there to be sent.
  auto done = [call, state = dependencies.state, deadline, reactor, answer, timer,
               effect](const absl::Status& status) {
    call->audit.Answered(status);
    if (status.ok()) AnswerBytes(call->response).Swap(answer);
    if (effect == SideEffect::kNone || !MayHaveSideEffects(status))
      return Finish(reactor, timer, status);
    auto finish = [reactor, timer, status](const absl::Status&) { Finish(reactor, timer, status); };
    if (status.ok()) return RefreshAfterWrite(*state, call->response, deadline, std::move(finish));
    state->RefreshDomains(deadline, std::move(finish));
  };
  dependencies.pool->Run(deadline, WorkOf(call, dependencies, deadline, std::move(step)),
                         std::move(done));
  return reactor;
}

}  // namespace ccplace

#endif  // CCPLACE_SERVER_RPC_WRITE_CALL_H_
