#include "tests/benchmark/rpc/yardstick_server.h"

#include <iostream>
#include <memory>

namespace ccplace::benchmark {

int ServeYardstick(const char* address, grpc::Service& service) {
  grpc::ServerBuilder builder;
  builder.AddListeningPort(address, grpc::InsecureServerCredentials());
  builder.RegisterService(&service);
  const std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
  if (server == nullptr) return 1;
  std::cout << "ready" << std::endl;
  server->Wait();
  return 0;
}

grpc::ServerUnaryReactor* EndCall(grpc::CallbackServerContext& context) {
  grpc::ServerUnaryReactor* reactor = context.DefaultReactor();
  reactor->Finish(grpc::Status::OK);
  return reactor;
}

}  // namespace ccplace::benchmark
