// Puts loads on one server and says what became of them: for comparing a server with itself.
// usage: rpc_load ADDRESS METHOD CALLS ROUNDS     (an empty request)
// Each round, on a connection of its own: a quarter as many calls that only warm up, CALLS with 64
// in flight, an eighth as many one at a time. What is printed are means, not medians: figures of
// rounds lie in two heaps, as the threads that a connection wakes and a scheduler's slice within a
// round's time have it, and a median says no more than which heap is the higher.
#include <grpcpp/grpcpp.h>

#include <iostream>
#include <numeric>
#include <vector>

#include "absl/strings/numbers.h"
#include "nlohmann/json.hpp"
#include "tests/benchmark/rpc/load.h"

namespace ccplace::benchmark {
namespace {

struct Rounds {
  std::vector<double> us_a_call_at_64, p99_us_at_64, p99_us_at_1;
  size_t failed = 0;
};

double Mean(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

std::shared_ptr<grpc::Channel> Connect(const std::string& address) {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  return grpc::CreateCustomChannel(address, grpc::InsecureChannelCredentials(), arguments);
}

void AddRound(const std::string& address, const std::string& method, size_t calls, Rounds& rounds) {
  const auto channel = Connect(address);
  const LoadResult warm = Drive(channel, method, "", 64, calls / 4);
  const LoadResult crowd = Drive(channel, method, "", 64, calls);
  const LoadResult single = Drive(channel, method, "", 1, calls / 8);
  rounds.us_a_call_at_64.push_back(1e6 / crowd.calls_per_second);
  rounds.p99_us_at_64.push_back(crowd.p99_us);
  rounds.p99_us_at_1.push_back(single.p99_us);
  rounds.failed += warm.failed + crowd.failed + single.failed;
}

nlohmann::json Figures(const Rounds& rounds) {
  return {{"calls_per_second_at_64", 1e6 / Mean(rounds.us_a_call_at_64)},
          {"p99_us_at_64", Mean(rounds.p99_us_at_64)},
          {"p99_us_at_1", Mean(rounds.p99_us_at_1)},
          {"failed", rounds.failed}};
}

}  // namespace
}  // namespace ccplace::benchmark

int main(int argc, char** argv) {
  using namespace ccplace::benchmark;
  size_t calls = 0;
  size_t rounds = 0;
  if (argc != 5 || !absl::SimpleAtoi(argv[3], &calls) || !absl::SimpleAtoi(argv[4], &rounds) ||
      calls < 100 || rounds == 0) {
    std::cerr << "usage: rpc_load ADDRESS METHOD CALLS ROUNDS     (100 calls at least)\n";
    return 2;
  }
  Rounds all;
  for (size_t round = 0; round < rounds; ++round) AddRound(argv[1], argv[2], calls, all);
  std::cout << Figures(all) << std::endl;
  return 0;
}
