// Puts one load on one server and says what became of it: for comparing a server with itself.
// usage: rpc_load ADDRESS METHOD IN_FLIGHT CALLS     (an empty request)
#include <grpcpp/grpcpp.h>

#include <iostream>

#include "absl/strings/numbers.h"
#include "nlohmann/json.hpp"
#include "tests/benchmark/rpc/load.h"

int main(int argc, char** argv) {
  size_t in_flight = 0;
  size_t calls = 0;
  if (argc != 5 || !absl::SimpleAtoi(argv[3], &in_flight) || !absl::SimpleAtoi(argv[4], &calls) ||
      in_flight == 0 || calls == 0) {
    std::cerr << "usage: rpc_load ADDRESS METHOD IN_FLIGHT CALLS\n";
    return 2;
  }
  const auto channel = grpc::CreateChannel(argv[1], grpc::InsecureChannelCredentials());
  const std::string method = argv[2];
  const size_t answer_bytes = ccplace::benchmark::CallOnce(channel, method, "").size();
  const auto result = ccplace::benchmark::Drive(channel, method, "", in_flight, calls);
  const nlohmann::json line = {{"answer_bytes", answer_bytes},
                               {"calls_per_second", result.calls_per_second},
                               {"p50_us", result.p50_us},
                               {"p99_us", result.p99_us},
                               {"failed", result.failed}};
  std::cout << line << std::endl;
  return 0;
}
