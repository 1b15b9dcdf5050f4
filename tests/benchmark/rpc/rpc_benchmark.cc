// Measures ccplaced's reads against a bare echo of the same message sizes, side by side.
// usage: rpc_benchmark CCPLACED_ADDRESS YARDSTICK_FOLDER [CALLS [NAME]]
// The folder has echo_server and ready_answer_server, which stands beside verdicts that were never
// asked for before. Prints one line of JSON per RPC, or for the case of that name alone: ratios
// ccplaced/echo of the medians over alternating rounds.
#include <grpcpp/grpcpp.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <iostream>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
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

// What a case stands beside.
struct Yardstick {
  std::string name, binary, argument, method;
  std::vector<std::string> requests;
};

Yardstick EchoOf(const Case& one, const std::string& folder, size_t answer_bytes) {
  return {"echo",
          absl::StrCat(folder, "/echo_server"),
          absl::StrCat(answer_bytes),
          kEchoMethod,
          {EchoRequestOf(one.requests[0].size())}};
}

// `file` has the answer.
Yardstick ReadyAnswerOf(const Case& one, const std::string& folder, const std::string& file) {
  return {"ready answer", absl::StrCat(folder, "/ready_answer_server"), file, one.method,
          one.requests};
}

nlohmann::json Measure(const Case& one, const std::string& address, const Yardstick& yardstick,
                       size_t calls) {
  Sides crowd;
  Sides single;
  for (int round = 0; round < kRounds; ++round) {
    const EchoProcess process(yardstick.binary, yardstick.argument);
    const auto ours = Connect(address);
    const auto echo = Connect(process.address());
    DriveInTurn(ours, one.method, one.requests, 64, calls / 2);  // Only warms up.
    DriveInTurn(echo, yardstick.method, yardstick.requests, 64, calls / 2);
    const LoadResult a = DriveInTurn(ours, one.method, one.requests, 64, calls);
    const LoadResult b = DriveInTurn(echo, yardstick.method, yardstick.requests, 64, calls);
    const LoadResult c = DriveInTurn(ours, one.method, one.requests, 1, calls / 4);
    const LoadResult d = DriveInTurn(echo, yardstick.method, yardstick.requests, 1, calls / 4);
    crowd.ours.Add(a);
    crowd.echo.Add(b);
    single.ours.Add(c);
    single.echo.Add(d);
  }
  return {
      {"name", one.name},
      {"yardstick", yardstick.name},
      {"throughput_at_64", Ratio(crowd, &Rounds::calls_per_second)},
      {"p50_at_1", Ratio(single, &Rounds::p50_us)},
      {"p99_at_1", Ratio(single, &Rounds::p99_us)},
      {"calls_per_second_at_64", Median(crowd.ours.calls_per_second)},
      {"echo_p50_us", Median(single.echo.p50_us)},
      {"failed", crowd.ours.failed + crowd.echo.failed + single.ours.failed + single.echo.failed}};
}

void MeasureBesideAll(const Case& one, const std::string& address, const std::string& folder,
                      size_t calls) {
  const std::string answer = CallOnce(Connect(address), one.method, one.requests[0]);
  std::cout << Measure(one, address, EchoOf(one, folder, answer.size()), calls) << std::endl;
  if (one.requests.size() == 1) return;
  const std::string file = absl::StrCat("/tmp/ccplace-answer-", getpid());
  std::ofstream(file, std::ios::binary) << answer;
  std::cout << Measure(one, address, ReadyAnswerOf(one, folder, file), calls) << std::endl;
  std::remove(file.c_str());
}

}  // namespace
}  // namespace ccplace::benchmark

int main(int argc, char** argv) {
  size_t calls = 8000;
  if (argc < 3 || (argc > 3 && !absl::SimpleAtoi(argv[3], &calls))) {
    std::cerr << "usage: rpc_benchmark CCPLACED_ADDRESS YARDSTICK_FOLDER [CALLS [NAME]]\n";
    return 2;
  }
  for (const auto& one : ccplace::benchmark::Cases()) {
    if (argc > 4 && one.name != argv[4]) continue;
    ccplace::benchmark::MeasureBesideAll(one, argv[1], argv[2], calls);
  }
  return 0;
}
