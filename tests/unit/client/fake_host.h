// A ccplaced for tests: the real transport on a unix socket, behind it a small host that holds
// state and can be poked.
#ifndef CCPLACE_TESTS_UNIT_CLIENT_FAKE_HOST_H_
#define CCPLACE_TESTS_UNIT_CLIENT_FAKE_HOST_H_

#include <grpcpp/grpcpp.h>

#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "ccplace/v1/host_service.grpc.pb.h"

namespace ccplace {

class FakeHost final : public v1::HostService::Service {
 public:
  // Serves on a socket of its own. A host that can run intel-tdx, with 63 keys of which 2 are in
  // use.
  FakeHost();
  ~FakeHost() override;

  // "unix:/...", stays the same over Stop and Serve.
  const std::string& address() const { return address_; }
  // Ends every call and takes the socket away; Serve brings it back.
  void Stop();
  void Serve();

  // Every call fails so until it is told OK.
  void FailWith(const grpc::Status& status);
  // Lets every call wait so long before it answers.
  void AnswerAfter(std::chrono::milliseconds delay);
  // Changes the host's state, and tells the watchers.
  void Change(const std::function<void(v1::HostCapabilities&)>& change);
  // Closes the open streams with UNAVAILABLE.
  void BreakStreams();
  // Waits until a watcher reads; false after ten seconds.
  bool WaitForWatcher();
  // A domain that it cannot read from now on.
  void AddUnread(const v1::UnreadDomain& domain);
  // Changes every answer to a definition from now on.
  void ChangeDefined(const std::function<void(v1::DefineTdxDomainResponse&)>& change);
  // Changes each domain that is there.
  void ChangeDomains(const std::function<void(v1::TdxDomain&)>& change);
  // What the last call was asked, whichever it was.
  std::string last_request();

  grpc::Status HostCapabilities(grpc::ServerContext*, const v1::HostCapabilitiesRequest*,
                                v1::HostCapabilitiesResponse*) override;
  grpc::Status TdxInventory(grpc::ServerContext*, const v1::TdxInventoryRequest*,
                            v1::TdxInventoryResponse*) override;
  grpc::Status WatchHost(grpc::ServerContext*, const v1::WatchHostRequest*,
                         grpc::ServerWriter<v1::WatchHostResponse>*) override;
  grpc::Status ValidateRequest(grpc::ServerContext*, const v1::ValidateRequestRequest*,
                               v1::ValidateRequestResponse*) override;
  grpc::Status DefineTdxDomain(grpc::ServerContext*, const v1::DefineTdxDomainRequest*,
                               v1::DefineTdxDomainResponse*) override;
  grpc::Status UndefineTdxDomain(grpc::ServerContext*, const v1::UndefineTdxDomainRequest*,
                                 v1::UndefineTdxDomainResponse*) override;
  grpc::Status ListTdxDomains(grpc::ServerContext*, const v1::ListTdxDomainsRequest*,
                              v1::ListTdxDomainsResponse*) override;

 private:
  // Notes the request, waits as told, and gives the failure in force.
  grpc::Status Enter(const google::protobuf::Message& request);
  const v1::KeyInventory& TdxKeys() const;

  std::string folder_;
  std::string address_;
  std::unique_ptr<grpc::Server> server_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::function<void(v1::DefineTdxDomainResponse&)> change_defined_ =
      [](v1::DefineTdxDomainResponse&) {};
  grpc::Status failure_;
  std::chrono::milliseconds delay_{0};
  v1::HostCapabilities host_;
  std::map<std::string, v1::TdxDomain> domains_;  // By name.
  std::vector<v1::UnreadDomain> unread_;
  std::string last_request_;
  uint64_t revision_ = 1;
  uint64_t breaks_ = 0;
  int watchers_ = 0;
};

}  // namespace ccplace

#endif  // CCPLACE_TESTS_UNIT_CLIENT_FAKE_HOST_H_
