// Serves a yardstick: how each begins and says that it is ready.
#ifndef CCPLACE_TESTS_BENCHMARK_RPC_YARDSTICK_SERVER_H_
#define CCPLACE_TESTS_BENCHMARK_RPC_YARDSTICK_SERVER_H_

#include <grpcpp/grpcpp.h>

namespace ccplace::benchmark {

// Serves `service` at `address` (unix:SOCKET) until the process is killed. Returns 1 when it
// cannot.
int ServeYardstick(const char* address, grpc::Service& service);

// Ends a call of it.
grpc::ServerUnaryReactor* EndCall(grpc::CallbackServerContext& context);

}  // namespace ccplace::benchmark

#endif  // CCPLACE_TESTS_BENCHMARK_RPC_YARDSTICK_SERVER_H_
