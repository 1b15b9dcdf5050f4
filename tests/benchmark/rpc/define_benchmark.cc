// DefineTdxDomain against libvirt's own client: the same definitions, validated, on one libvirtd in
// turn. usage: define_benchmark CCPLACED_ADDRESS LIBVIRT_URI DISK_PATH ECHO_SERVER_BINARY [ROUNDS]
// Prints one line of JSON: medians in milliseconds.
#include <grpcpp/grpcpp.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <functional>
#include <iostream>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/numbers.h"
#include "nlohmann/json.hpp"
#include "tests/benchmark/rpc/definer.h"
#include "tests/benchmark/rpc/echo.h"
#include "tests/benchmark/rpc/load.h"

namespace ccplace::benchmark {
namespace {

// Longer than the daemon takes to have heard of a change and read it: it is at rest when it is
// measured, and libvirtd when it is measured without it.
constexpr std::chrono::milliseconds kRest{200};
constexpr int kBurst = 24;    // Definitions of one burst.
constexpr int kInFlight = 4;  // Of them, at one time; or one after another.
constexpr int kMostBursts = 41;
constexpr int kMostBurstsInTurn = 9;

double MillisecondsOf(const std::function<void()>& step) {
  std::this_thread::sleep_for(kRest);
  const auto begun = std::chrono::steady_clock::now();
  step();
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begun)
      .count();
}

// One definition at a time, each after a rest.
nlohmann::json AtRest(const Definer& definer, const std::string& echo_binary, int rounds) {
  const Definer::Connection connection = definer.Connect();
  const EchoProcess process(echo_binary, std::to_string(definer.dry_run().ByteSizeLong()));
  const auto echo = grpc::CreateChannel(process.address(), grpc::InsecureChannelCredentials());
  const std::string sent = EchoRequestOf(definer.Request(0).ByteSizeLong());
  CallOnce(echo, kEchoMethod, sent);
  std::vector<double> rpc, raw, careful, refresh, bare;
  const auto define = [&](std::vector<double>& took, int number, const auto& step) {
    took.push_back(MillisecondsOf(step));
    Definer::Undefine(connection.get(), number);
  };
  const std::vector<std::function<void(int)>> steps = {
      [&](int number) { define(rpc, number, [&] { definer.Define(number); }); },
      [&](int number) {
        define(raw, number, [&] { definer.DefineRaw(connection.get(), number); });
      },
      [&](int number) {
        define(careful, number, [&] { definer.DefineWithCare(connection.get(), number); });
      },
      [&](int) { bare.push_back(MillisecondsOf([&] { CallOnce(echo, kEchoMethod, sent); })); },
      [&](int) { refresh.push_back(MillisecondsOf([&] { definer.Refresh(); })); }};
  // The first round only warms up. Each step comes after each other one: what a step leaves
  // libvirtd to do is everybody's burden alike.
  for (int number = 0; number < rounds; ++number) {
    const int stride = 1 + number % 4;
    for (int i = 0; i < 5; ++i) steps[static_cast<size_t>(number + i * stride) % 5](number);
  }
  for (auto* values : {&rpc, &raw, &careful, &refresh, &bare}) values->erase(values->begin());
  return {{"rpc_ms", Median(rpc)},
          {"raw_ms", Median(raw)},
          {"careful_ms", Median(careful)},
          {"refresh_ms", Median(refresh)},
          {"echo_ms", Median(bare)}};
}

// A burst of definitions, some at one time, after a rest: what each takes of it.
double Burst(int in_flight, const std::function<void(int lane, int number)>& define) {
  return MillisecondsOf([in_flight, &define] {
           std::atomic<int> next{0};
           std::vector<std::thread> lanes;
           for (int lane = 0; lane < in_flight; ++lane) {
             lanes.emplace_back([&define, &next, lane] {
               for (int number = next++; number < kBurst; number = next++) define(lane, number);
             });
           }
           for (std::thread& lane : lanes) lane.join();
         }) /
         kBurst;
}

// What a definition takes in bursts: medians. The ratio is one of bursts that follow each other, so
// that what the machine does meanwhile is in both.
struct Bursts {
  double raw_ms, ratio;
};

Bursts InBursts(const Definer& definer, int in_flight, int rounds) {
  std::vector<Definer::Connection> connections;
  for (int lane = 0; lane < in_flight; ++lane) connections.push_back(definer.Connect());
  const auto undefine = [&connections] {
    for (int number = 0; number < kBurst; ++number) Definer::Undefine(connections[0].get(), number);
  };
  std::vector<double> raw, ratio;
  for (int round = -1; round < rounds; ++round) {  // The first round only warms up.
    const double ours = Burst(in_flight, [&](int, int number) { definer.Define(number); });
    undefine();
    const double theirs = Burst(in_flight, [&](int lane, int number) {
      definer.DefineRaw(connections[static_cast<size_t>(lane)].get(), number);
    });
    undefine();
    if (round < 0) continue;
    raw.push_back(theirs);
    ratio.push_back(ours / theirs);
  }
  return {Median(raw), Median(ratio)};
}

nlohmann::json InBursts(const Definer& definer, int rounds) {
  const Bursts in_turn = InBursts(definer, 1, std::min(rounds, kMostBurstsInTurn));
  const Bursts in_flight = InBursts(definer, kInFlight, std::min(rounds, kMostBursts));
  return {{"in_turn_ratio", in_turn.ratio},
          {"in_flight_ratio", in_flight.ratio},
          {"raw_in_flight_ms", in_flight.raw_ms}};
}

}  // namespace
}  // namespace ccplace::benchmark

int main(int argc, char** argv) {
  using ccplace::benchmark::Definer;
  int rounds = 41;
  if (argc < 5 || (argc > 5 && !absl::SimpleAtoi(argv[5], &rounds)) || rounds < 2) {
    std::cerr << "usage: define_benchmark CCPLACED_ADDRESS LIBVIRT_URI DISK_PATH"
                 " ECHO_SERVER_BINARY [ROUNDS]\n";
    return 2;
  }
  const Definer definer(argv[1], argv[2], argv[3]);
  nlohmann::json figures = ccplace::benchmark::AtRest(definer, argv[4], rounds);
  figures.update(ccplace::benchmark::InBursts(definer, rounds));
  std::cout << figures << std::endl;
  return 0;
}
