// The service on the wire: parse, call, answer. One .cc file per RPC.
#ifndef CCPLACE_SERVER_RPC_HOST_SERVICE_H_
#define CCPLACE_SERVER_RPC_HOST_SERVICE_H_

#include <string>

#include "ccplace/v1/host_service.grpc.pb.h"
#include "server/auth/authenticator.h"
#include "server/common/log_rate_limiter.h"
#include "server/rpc/service_dependencies.h"

namespace ccplace {

// Answers that are read off a snapshot leave as bytes; the others as messages.
using HostServiceBase = v1::HostService::WithRawCallbackMethod_HostCapabilities<
    v1::HostService::WithRawCallbackMethod_TdxInventory<
        v1::HostService::WithRawCallbackMethod_WatchHost<
            v1::HostService::WithRawCallbackMethod_ValidateRequest<
                v1::HostService::WithCallbackMethod_DefineTdxDomain<
                    v1::HostService::WithCallbackMethod_UndefineTdxDomain<
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
                                            const v1::DefineTdxDomainRequest* request,
                                            v1::DefineTdxDomainResponse* answer) override;
  grpc::ServerUnaryReactor* UndefineTdxDomain(grpc::CallbackServerContext* context,
                                              const v1::UndefineTdxDomainRequest* request,
                                              v1::UndefineTdxDomainResponse* answer) override;
  grpc::ServerUnaryReactor* ListTdxDomains(grpc::CallbackServerContext* context,
                                           const grpc::ByteBuffer* request,
                                           grpc::ByteBuffer* answer) override;

 private:
  // Authenticator::Authorize, and a line in the audit when it refuses: of one caller a few in ten
  // seconds, the others as a number. `uuid`: the domain's, for that line. UNAVAILABLE once the
  // daemon stops.
  absl::Status Authorize(grpc::CallbackServerContext& context, Role needed, Rpc rpc,
                         const std::string& uuid = "") const;

  const ServiceDependencies dependencies_;
  const Authenticator& authenticator_;
  mutable CallerLogRateLimiter refusals_;
};

}  // namespace ccplace

#endif  // CCPLACE_SERVER_RPC_HOST_SERVICE_H_
