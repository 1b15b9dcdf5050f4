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

// What one call works on. Owned by the work, which libvirt may hold up past the call's end.
template <typename Request, typename Response>
struct WriteCall {
  Request request;
  Response response;
};

// Runs `step` on the pool, with the call's deadline; on success has the host's facts read again,
// so that what was done shows in the answers that follow, then fills in `answer` and ends the
// call. The audit gets `audit` with the verdict.
template <typename Request, typename Response, typename Step>
grpc::ServerUnaryReactor* RunWrite(const ServiceRooms& rooms, grpc::CallbackServerContext* context,
                                   const CallTimer& timer, const Request& request, Response* answer,
                                   AuditEntry audit, Step step) {
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  const auto deadline = DeadlineOf(*context, rooms.hypervisor_timeout);
  auto call = std::make_shared<WriteCall<Request, Response>>();
  call->request = request;
  auto work = [call, lifecycle = rooms.lifecycle, step, deadline] {
    absl::StatusOr<Response> made = step(*lifecycle, call->request, deadline);
    if (!made.ok()) return made.status();
    call->response = *std::move(made);
    return absl::OkStatus();
  };
  // Only the work itself ends with OK: then it is over, and its response is there to be taken.
  auto done = [call, state = rooms.state, deadline, reactor, answer, timer,
               audit = std::move(audit)](const absl::Status& status) mutable {
    audit.verdict = status;
    WriteAudit(audit);
    if (!status.ok()) return Finish(reactor, timer, status);
    *answer = std::move(call->response);
    state->Refresh(deadline, [reactor, timer](const absl::Status&) {
      Finish(reactor, timer, absl::OkStatus());
    });
  };
  rooms.pool->Run(deadline, std::move(work), std::move(done));
  return reactor;
}

}  // namespace ccplace

#endif  // CCPLACE_SERVER_WRITE_CALL_H_
