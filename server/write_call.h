// A call that changes the host: libvirt at work off the serving threads, then an answer.
#ifndef CCPLACE_SERVER_WRITE_CALL_H_
#define CCPLACE_SERVER_WRITE_CALL_H_

#include <functional>
#include <memory>
#include <utility>

#include "absl/status/statusor.h"
#include "server/answer.h"
#include "server/audit.h"
#include "server/host_service.h"

namespace ccplace {

// Whether a call that ended so can have left its mark on the host. The other codes come before
// anything was done, or say that nobody knows, which the next reading tells.
inline bool MayHaveChangedHost(const absl::Status& status) {
  return status.ok() || absl::IsAborted(status) || absl::IsInternal(status);
}

enum class Effect { kNone, kChangesHost };

// Has the facts take in what a call did that ended well.
inline void Settle(HostState& state, const v1::DefineTdxDomainResponse& made,
                   std::chrono::steady_clock::time_point deadline,
                   std::function<void(absl::Status)> done) {
  if (made.running() || made.already_defined()) return state.RefreshDomains(deadline, done);
  state.AddDomain({made.uuid(), made.name(), v1::DOMAIN_STATE_SHUT_OFF, made.xml()}, deadline,
                  std::move(done));
}

inline void Settle(HostState& state, const v1::UndefineTdxDomainResponse& /*made*/,
                   std::chrono::steady_clock::time_point deadline,
                   std::function<void(absl::Status)> done) {
  state.RefreshDomains(deadline, std::move(done));
}

// What one call works on. Owned by the work, which libvirt may hold up past the call's end.
template <typename Request, typename Response>
struct WriteCall {
  Request request;
  Response response;
};

// Runs `step` on the pool, with the call's deadline; has the facts follow where domains can have
// changed, so that what was done shows in the answers that follow; then fills in `answer`
// and ends the call. The audit gets `audit` when it begins, and once more with the verdict.
template <typename Request, typename Response, typename Step>
grpc::ServerUnaryReactor* RunWrite(const ServiceRooms& rooms, grpc::CallbackServerContext* context,
                                   const CallTimer& timer, const Request& request, Response* answer,
                                   AuditEntry audit, Effect effect, Step step) {
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  const auto deadline = DeadlineOf(*context, rooms.hypervisor_timeout);
  auto call = std::make_shared<WriteCall<Request, Response>>();
  call->request = request;
  if (effect == Effect::kChangesHost) WriteAuditBegin(audit);
  auto work = [call, lifecycle = rooms.lifecycle, step, deadline,
               at_work = std::make_shared<WriteAtWork>(rooms.calls)] {
    absl::StatusOr<Response> made = step(*lifecycle, call->request, deadline);
    if (!made.ok()) return made.status();
    call->response = *std::move(made);
    return absl::OkStatus();
  };
  // Only the work itself ends with OK: then it is over, and its response is there to be taken.
  auto done = [call, state = rooms.state, deadline, reactor, answer, timer, effect,
               audit = std::move(audit)](const absl::Status& status) mutable {
    audit.verdict = status;
    WriteAudit(audit);
    if (status.ok()) *answer = std::move(call->response);
    if (effect == Effect::kNone || !MayHaveChangedHost(status))
      return Finish(reactor, timer, status);
    auto finish = [reactor, timer, status](const absl::Status&) { Finish(reactor, timer, status); };
    if (status.ok()) return Settle(*state, *answer, deadline, std::move(finish));
    state->RefreshDomains(deadline, std::move(finish));
  };
  rooms.pool->Run(deadline, std::move(work), std::move(done));
  return reactor;
}

}  // namespace ccplace

#endif  // CCPLACE_SERVER_WRITE_CALL_H_
