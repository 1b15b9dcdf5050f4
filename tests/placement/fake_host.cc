// Plays ccplaced for the tests of ccplace-sync: serves WatchHost and HostCapabilities on a unix
// socket, with the states that come in on standard input, one WatchHostResponse in JSON a line.
// usage: fake_host SOCKET     (ends with its standard input)
#include <google/protobuf/util/json_util.h>
#include <grpcpp/grpcpp.h>

#include <condition_variable>
#include <iostream>
#include <mutex>
#include <string>

#include "ccplace/v1/host_service.grpc.pb.h"

namespace {

using ccplace::v1::WatchHostResponse;

class FakeHost final : public ccplace::v1::HostService::Service {
 public:
  void Set(const WatchHostResponse& state) {
    const std::lock_guard<std::mutex> lock(mutex_);
    state_ = state;
    ++version_;
    changed_.notify_all();
  }

  void Stop() {
    const std::lock_guard<std::mutex> lock(mutex_);
    stopped_ = true;
    changed_.notify_all();
  }

 private:
  grpc::Status WatchHost(grpc::ServerContext* context, const ccplace::v1::WatchHostRequest*,
                         grpc::ServerWriter<WatchHostResponse>* writer) override {
    uint64_t sent = 0;
    std::unique_lock<std::mutex> lock(mutex_);
    while (!stopped_ && !context->IsCancelled()) {
      changed_.wait_for(lock, std::chrono::milliseconds(50),
                        [&] { return stopped_ || version_ > sent; });
      if (version_ == sent || stopped_) continue;
      sent = version_;
      const WatchHostResponse state = state_;
      lock.unlock();
      if (!writer->Write(state)) return grpc::Status::OK;
      lock.lock();
    }
    return grpc::Status(grpc::StatusCode::UNAVAILABLE, "stopping");
  }

  grpc::Status HostCapabilities(grpc::ServerContext*, const ccplace::v1::HostCapabilitiesRequest*,
                                ccplace::v1::HostCapabilitiesResponse* answer) override {
    const std::lock_guard<std::mutex> lock(mutex_);
    *answer->mutable_capabilities() = state_.capabilities();
    answer->set_simulated(state_.simulated());
    return grpc::Status::OK;
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  WatchHostResponse state_;
  uint64_t version_ = 0;
  bool stopped_ = false;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  FakeHost host;
  grpc::ServerBuilder builder;
  builder.AddListeningPort(std::string("unix:") + argv[1], grpc::InsecureServerCredentials());
  builder.RegisterService(&host);
  const std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
  if (server == nullptr) return 1;
  std::string line;
  while (std::getline(std::cin, line)) {
    WatchHostResponse state;
    if (!google::protobuf::util::JsonStringToMessage(line, &state).ok()) return 1;
    host.Set(state);
    std::cout << "set" << std::endl;
  }
  host.Stop();
  server->Shutdown();
  return 0;
}
