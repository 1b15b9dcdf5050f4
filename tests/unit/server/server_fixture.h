// ccplaced in this process, on sockets in a folder of its own.
#ifndef CCPLACE_TESTS_UNIT_SERVER_SERVER_FIXTURE_H_
#define CCPLACE_TESTS_UNIT_SERVER_SERVER_FIXTURE_H_

#include <gmock/gmock.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/security/credentials.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <future>
#include <memory>
#include <string>
#include <type_traits>

#include "ccplace/v1/host_service.grpc.pb.h"
#include "lib/base/clock.h"
#include "lib/hypervisor/simulated_hypervisor.h"
#include "server/app/daemon_wiring.h"
#include "server/app/grpc_servers.h"
#include "server/config/options.h"
#include "tests/support/good_definition.h"

namespace ccplace {

// A folder that is removed with all it holds.
class TempFolder {
 public:
  TempFolder() {
    std::string name = ::testing::TempDir() + "ccplace-XXXXXX";
    path_ = mkdtemp(name.data());
  }
  ~TempFolder() { std::filesystem::remove_all(path_); }
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;

  std::string operator/(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

// The simulated host behind both sockets.
class ServerTest : public ::testing::Test {
 protected:
  using Stub = std::unique_ptr<v1::HostService::Stub>;

  ServerTest() {
    options_.host.simulate = true;
    options_.host.node_name = "node-a";
    options_.host.disk_prefixes = {"/var/lib/libvirt/images"};
    options_.listen.operator_socket.path = folder_ / "operator.sock";
    options_.listen.readonly_socket.path = folder_ / "readonly.sock";
    options_.listen.readonly_socket.mode = 0666;
    // The tests' own memory, and a sanitizer's, are not for the daemon's watch to judge.
    options_.limits.memory_bytes = size_t{1} << 30;
  }

  void Start() {
    const auto backends = OpenBackends(options_.host);
    ASSERT_TRUE(backends.ok()) << backends.status();
    hypervisor_ = std::dynamic_pointer_cast<SimulatedHypervisor>(backends->hypervisor);
    dependencies_ = BuildServices(options_, *backends);
    auto servers = GrpcServers::Open(options_.listen, options_.limits, dependencies_, *clock_);
    ASSERT_TRUE(servers.ok()) << servers.status();
    servers_ = *std::move(servers);
  }

  void TearDown() override {
    servers_.reset();
    if (dependencies_.pool == nullptr) return;
    EXPECT_TRUE(
        dependencies_.pool->Stop(std::chrono::steady_clock::now() + std::chrono::seconds(10)));
  }

  std::shared_ptr<grpc::Channel> ChannelTo(const UnixSocketOptions& socket) const {
    grpc::ChannelArguments arguments;
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    return grpc::CreateCustomChannel("unix:" + socket.path, grpc::InsecureChannelCredentials(),
                                     arguments);
  }
  Stub Operator() const {
    return v1::HostService::NewStub(ChannelTo(options_.listen.operator_socket));
  }
  Stub Reader() const {
    return v1::HostService::NewStub(ChannelTo(options_.listen.readonly_socket));
  }

  TempFolder folder_;
  Options options_;
  const Clock* clock_ = &Clock::System();  // Of the endpoints.
  std::shared_ptr<SimulatedHypervisor> hypervisor_;
  ServiceDependencies dependencies_;
  std::unique_ptr<GrpcServers> servers_;
};

// Calls `method` of `stub` with ten seconds to answer.
template <typename Request, typename Response>
grpc::Status Call(const std::unique_ptr<v1::HostService::Stub>& stub,
                  grpc::Status (v1::HostService::Stub::*method)(grpc::ClientContext*,
                                                                const Request&, Response*),
                  const std::common_type_t<Request>& request, Response* response) {
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(10));
  return (*stub.*method)(&context, request, response);
}

// Calls the method `name` over `channel` with bytes for a request.
inline grpc::Status CallWithBytes(const std::shared_ptr<grpc::Channel>& channel,
                                  const std::string& name, const std::string& bytes) {
  const grpc::Slice slice(bytes);
  const grpc::ByteBuffer request(&slice, 1);
  grpc::GenericStub stub(channel);
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(10));
  grpc::ByteBuffer answer;
  std::promise<grpc::Status> ended;
  stub.UnaryCall(&context, "/ccplace.v1.HostService/" + name, {}, &request, &answer,
                 [&ended](const grpc::Status& status) { ended.set_value(status); });
  return ended.get_future().get();
}

}  // namespace ccplace

#endif  // CCPLACE_TESTS_UNIT_SERVER_SERVER_FIXTURE_H_
