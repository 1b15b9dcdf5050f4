// The service on the wire: parse, call, answer. One .cc file per RPC.
#ifndef CCPLACE_SERVER_RPC_HOST_SERVICE_H_
#define CCPLACE_SERVER_RPC_HOST_SERVICE_H_

#include <string>

#include "ccplace/v1/host_service.grpc.pb.h"
#include "server/auth/authenticator.h"
#include "server/common/log_rate_limiter.h"
#include "server/rpc/service_dependencies.h"

namespace ccplace {

// Every call's request and answer are bytes here: answers that are read off a snapshot leave as
// they are, and a request that is no message is refused, counted and audited by this service.
using HostServiceBase = v1::HostService::WithRawCallbackMethod_HostCapabilities<
    v1::HostService::WithRawCallbackMethod_TdxInventory<
        v1::HostService::WithRawCallbackMethod_WatchHost<
            v1::HostService::WithRawCallbackMethod_ValidateRequest<
                v1::HostService::WithRawCallbackMethod_DefineTdxDomain<
                    v1::HostService::WithRawCallbackMethod_UndefineTdxDomain<
                        v1::HostService::WithRawCallbackMethod_ListTdxDomains<
                            v1::HostService::Service>>>>>>>;

// The service behind one endpoint, whose callers it knows. Thread-safe. `callers` must outlive it.
class HostService final : public HostServiceBase {
 public:
  HostService(ServiceDependencies dependencies, const Authenticator& authenticator);
  // Logs the refusals that the audit does not have yet.
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
                                            const grpc::ByteBuffer* request,
                                            grpc::ByteBuffer* answer) override;
  grpc::ServerUnaryReactor* UndefineTdxDomain(grpc::CallbackServerContext* context,
                                              const grpc::ByteBuffer* request,
                                              grpc::ByteBuffer* answer) override;
  grpc::ServerUnaryReactor* ListTdxDomains(grpc::CallbackServerContext* context,
                                           const grpc::ByteBuffer* request,
                                           grpc::ByteBuffer* answer) override;

 private:
  // Authenticator::Authorize, and a line in the audit when it refuses: of one caller a few in ten
  // seconds, the others as a number. `uuid`: the domain's, for that line. UNAVAILABLE once the
  // daemon stops.
  absl::Status Authorize(grpc::CallbackServerContext& context, Role needed, Rpc rpc,
                         const std::string& uuid = "") const;

  // The same for a call that only operators make, with a request that was read with the result
  // `read`: where that is no OK, a caller with the role gets it, and the audit has a line of it.
  absl::Status AuthorizeWrite(grpc::CallbackServerContext& context, Rpc rpc,
                              const absl::Status& read, const std::string& uuid) const;

  // A line in the audit for a call that is refused, or a number of many.
  void AuditRefusal(grpc::CallbackServerContext& context, Rpc rpc, const std::string& uuid,
                    const absl::Status& refusal) const;

  const ServiceDependencies dependencies_;
  const Authenticator& authenticator_;
  mutable CallerLogRateLimiter refusals_;
};

}  // namespace ccplace

#endif  // CCPLACE_SERVER_RPC_HOST_SERVICE_H_
