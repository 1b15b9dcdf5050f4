// Measures ccplaced's reads against a bare echo of the same message sizes, side by side.
// usage: rpc_benchmark CCPLACED_ADDRESS ECHO_SERVER_BINARY [CALLS [NAME]]
// Prints one line of JSON per RPC, or for the case of that name alone: ratios ccplaced/echo of the
// medians over alternating rounds.
#include <grpcpp/grpcpp.h>

#include <iostream>
#include <vector>

#include "absl/strings/numbers.h"
#include "nlohmann/json.hpp"
#include "tests/benchmark/rpc/cases.h"
#include "tests/benchmark/rpc/echo.h"
#include "tests/benchmark/rpc/load.h"

namespace ccplace::benchmark {
namespace {

// Many short rounds, each on connections of its own and with another echo: which threads a
// connection wakes is decided anew for each, and one load differs from the next by a fifth.
constexpr int kRounds = 41;

std::shared_ptr<grpc::Channel> Connect(const std::string& address) {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  return grpc::CreateCustomChannel(address, grpc::InsecureChannelCredentials(), arguments);
}

// What rounds of one load shape came to.
struct Rounds {
  std::vector<double> calls_per_second, p50_us, p99_us;
  size_t failed = 0;

  void Add(const LoadResult& load) {
    calls_per_second.push_back(load.calls_per_second);
    p50_us.push_back(load.p50_us);
    p99_us.push_back(load.p99_us);
    failed += load.failed;
  }
};

struct Sides {
  Rounds ours, echo;
};

double Ratio(const Sides& sides, std::vector<double> Rounds::*figure) {
  return Median(sides.ours.*figure) / Median(sides.echo.*figure);
}

nlohmann::json Measure(const Case& one, const std::string& address, const std::string& echo_binary,
                       size_t calls) {
  const size_t answer_bytes = CallOnce(Connect(address), one.method, one.requests[0]).size();
  const std::string sent = EchoRequestOf(one.requests[0].size());
  Sides crowd;
  Sides single;
  for (int round = 0; round < kRounds; ++round) {
    const EchoProcess process(echo_binary, answer_bytes);
    const auto ours = Connect(address);
    const auto echo = Connect(process.address());
    DriveInTurn(ours, one.method, one.requests, 64, calls / 2);  // Only warms up.
    Drive(echo, kEchoMethod, sent, 64, calls / 2);
    const LoadResult a = DriveInTurn(ours, one.method, one.requests, 64, calls);
    const LoadResult b = Drive(echo, kEchoMethod, sent, 64, calls);
    const LoadResult c = DriveInTurn(ours, one.method, one.requests, 1, calls / 4);
    const LoadResult d = Drive(echo, kEchoMethod, sent, 1, calls / 4);
    crowd.ours.Add(a);
    crowd.echo.Add(b);
    single.ours.Add(c);
    single.echo.Add(d);
  }
  return {
      {"name", one.name},
      {"throughput_at_64", Ratio(crowd, &Rounds::calls_per_second)},
      {"p50_at_1", Ratio(single, &Rounds::p50_us)},
      {"p99_at_1", Ratio(single, &Rounds::p99_us)},
      {"calls_per_second_at_64", Median(crowd.ours.calls_per_second)},
      {"echo_p50_us", Median(single.echo.p50_us)},
      {"failed", crowd.ours.failed + crowd.echo.failed + single.ours.failed + single.echo.failed}};
}

}  // namespace
}  // namespace ccplace::benchmark

int main(int argc, char** argv) {
  size_t calls = 8000;
  if (argc < 3 || (argc > 3 && !absl::SimpleAtoi(argv[3], &calls))) {
    std::cerr << "usage: rpc_benchmark CCPLACED_ADDRESS ECHO_SERVER_BINARY [CALLS [NAME]]\n";
    return 2;
  }
  for (const auto& one : ccplace::benchmark::Cases()) {
    if (argc > 4 && one.name != argv[4]) continue;
    std::cout << ccplace::benchmark::Measure(one, argv[1], argv[2], calls) << std::endl;
  }
  return 0;
}
