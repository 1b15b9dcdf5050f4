// The yardstick: a bare callback-API gRPC server.
// usage: echo_server unix:SOCKET ANSWER_BYTES
#include <grpcpp/grpcpp.h>

#include <iostream>
#include <string>

#include "absl/strings/numbers.h"
#include "echo.grpc.pb.h"
#include "tests/benchmark/rpc/yardstick_server.h"

namespace {

class EchoService final : public ccplace::benchmark::EchoService::CallbackService {
 public:
  explicit EchoService(size_t answer_bytes) : answer_(answer_bytes, 'x') {}

  grpc::ServerUnaryReactor* Echo(grpc::CallbackServerContext* context,
                                 const ccplace::benchmark::EchoRequest*,
                                 ccplace::benchmark::EchoResponse* response) override {
    response->set_payload(answer_);
    return ccplace::benchmark::EndCall(*context);
  }

 private:
  const std::string answer_;
};

}  // namespace

int main(int argc, char** argv) {
  size_t answer_bytes = 0;
  if (argc != 3 || !absl::SimpleAtoi(argv[2], &answer_bytes)) {
    std::cerr << "usage: echo_server unix:SOCKET ANSWER_BYTES\n";
    return 2;
  }
  EchoService service(answer_bytes);
  return ccplace::benchmark::ServeYardstick(argv[1], service);
}
