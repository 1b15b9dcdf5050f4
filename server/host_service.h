// The service on the wire: parse, call, answer. One .cc file per RPC.
#ifndef CCPLACE_SERVER_HOST_SERVICE_H_
#define CCPLACE_SERVER_HOST_SERVICE_H_

#include <chrono>
#include <memory>

#include "ccplace/v1/host_service.grpc.pb.h"
#include "lib/base/published.h"
#include "lib/base/work_pool.h"
#include "lib/capability/host_state.h"
#include "lib/lifecycle/tdx_lifecycle.h"
#include "server/call_counts.h"
#include "server/caller.h"
#include "server/caller_log_gate.h"
#include "server/refused_connections.h"
#include "server/tls_dates.h"
#include "server/watchers.h"

namespace ccplace {

// What the handlers call. None of the pointers may be null; shared, because a call that libvirt
// blocks outlives its answer.
struct ServiceRooms {
  std::shared_ptr<WorkPool> pool;  // First, so that it ends last: the state reads libvirt on it.
  std::shared_ptr<HostState> state;
  std::shared_ptr<TdxLifecycle> lifecycle;
  std::shared_ptr<Watchers> watchers;
  std::shared_ptr<CallCounts> calls = std::make_shared<CallCounts>();
  std::shared_ptr<RefusedConnections> refused = std::make_shared<RefusedConnections>();
  std::shared_ptr<Published<TlsDates>> tls_dates =
      std::make_shared<Published<TlsDates>>(std::make_shared<const TlsDates>());
  std::chrono::milliseconds hypervisor_timeout{
      30000};  // For calls without a deadline of their own.
};

// Answers that are read off a snapshot leave as bytes; the others as messages.
using HostServiceBase = v1::HostService::WithRawCallbackMethod_HostCapabilities<
    v1::HostService::WithRawCallbackMethod_TdxInventory<
        v1::HostService::WithRawCallbackMethod_WatchHost<
            v1::HostService::WithRawCallbackMethod_ValidateRequest<
                v1::HostService::WithCallbackMethod_DefineTdxDomain<
                    v1::HostService::WithCallbackMethod_UndefineTdxDomain<
                        v1::HostService::WithRawCallbackMethod_ListTdxDomains<
                            v1::HostService::Service>>>>>>>;

// The service behind one door, whose callers it knows. Thread-safe. `callers` must outlive it.
class HostService final : public HostServiceBase {
 public:
  HostService(ServiceRooms rooms, const Callers& callers);
  // Tells the audit of the refusals that it has not heard of yet.
  ~HostService() override;

  grpc::ServerUnaryReactor* HostCapabilities(grpc::CallbackServerContext* context,
                                             const grpc::ByteBuffer* request,
                                             grpc::ByteBuffer* answer) override;
  grpc::ServerUnaryReactor* TdxInventory(grpc::CallbackServerContext* context,
                                         const grpc::ByteBuffer* request,
                                         grpc::ByteBuffer* answer) override;
  grpc::ServerWriteReactor<grpc::ByteBuffer>* WatchHost(grpc::CallbackServerContext* context,
                                                        const grpc::ByteBuffer* request) override;
  grpc::ServerUnaryReactor* ValidateRequest(grpc::CallbackServerContext* context,
                                            const grpc::ByteBuffer* request,
                                            grpc::ByteBuffer* answer) override;
  grpc::ServerUnaryReactor* DefineTdxDomain(grpc::CallbackServerContext* context,
                                            const v1::DefineTdxDomainRequest* request,
                                            v1::DefineTdxDomainResponse* answer) override;
  grpc::ServerUnaryReactor* UndefineTdxDomain(grpc::CallbackServerContext* context,
                                              const v1::UndefineTdxDomainRequest* request,
                                              v1::UndefineTdxDomainResponse* answer) override;
  grpc::ServerUnaryReactor* ListTdxDomains(grpc::CallbackServerContext* context,
                                           const grpc::ByteBuffer* request,
                                           grpc::ByteBuffer* answer) override;

 private:
  // Callers::Admit, and a line in the audit when it refuses: of one caller a few in ten seconds,
  // the others as a number. `uuid`: the domain's, for that line. UNAVAILABLE once the daemon stops.
  absl::Status Admit(grpc::CallbackServerContext& context, Role needed, Rpc rpc,
                     const std::string& uuid = "") const;

  const ServiceRooms rooms_;
  const Callers& callers_;
  mutable CallerLogGate refusals_;
};

}  // namespace ccplace

#endif  // CCPLACE_SERVER_HOST_SERVICE_H_
