// The yardstick of a verdict: reads ValidateRequest's request as its message, writes a message that
// was ready. What is above it is the verdict alone; what is above the bare echo, protobuf as well.
// usage: ready_answer_server unix:SOCKET ANSWER_FILE
#include <grpcpp/grpcpp.h>

#include <fstream>
#include <iostream>
#include <utility>

#include "ccplace/v1/host_service.grpc.pb.h"
#include "tests/benchmark/rpc/yardstick_server.h"

namespace {

namespace v1 = ccplace::v1;

class ReadyAnswerService final : public v1::HostService::CallbackService {
 public:
  explicit ReadyAnswerService(v1::ValidateRequestResponse answer) : answer_(std::move(answer)) {}

  grpc::ServerUnaryReactor* ValidateRequest(grpc::CallbackServerContext* context,
                                            const v1::ValidateRequestRequest*,
                                            v1::ValidateRequestResponse* response) override {
    *response = answer_;
    return ccplace::benchmark::EndCall(*context);
  }

 private:
  const v1::ValidateRequestResponse answer_;
};

}  // namespace

int main(int argc, char** argv) {
  v1::ValidateRequestResponse answer;
  std::ifstream file(argc == 3 ? argv[2] : "", std::ios::binary);
  if (!file || !answer.ParseFromIstream(&file)) {
    std::cerr << "usage: ready_answer_server unix:SOCKET ANSWER_FILE\n";
    return 2;
  }
  ReadyAnswerService service(std::move(answer));
  return ccplace::benchmark::ServeYardstick(argv[1], service);
}
