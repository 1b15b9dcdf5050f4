// Measures the reads of one ccplaced against another's, in turn, for what a change costs.
// usage: pair_benchmark TLS_FOLDER CALLS ROUNDS BEFORE_ADDRESS BEFORE_PID NOW_ADDRESS NOW_PID
//        [METHOD]
// METHOD: that alone, with an empty request, of whatever servers these are. TLS_FOLDER: of ca.pem,
// client-1.pem and client-1.key, for servers called node-1; "-": no TLS. Prints one line of JSON
// per read. Each ratio is that of now to before, so turned that more is better, with the standard
// error of its mean over the rounds.
#include <grpcpp/grpcpp.h>
#include <sys/types.h>
#include <time.h>

#include <cmath>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <iterator>
#include <vector>

#include "absl/strings/numbers.h"
#include "nlohmann/json.hpp"
#include "tests/benchmark/rpc/cases.h"
#include "tests/benchmark/rpc/load.h"

namespace ccplace::benchmark {
namespace {

struct Server {
  std::string address;
  pid_t pid = 0;
};

std::string Read(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    std::cerr << path << " cannot be read\n";
    std::exit(1);
  }
  return {std::istreambuf_iterator<char>(file), {}};
}

std::shared_ptr<grpc::ChannelCredentials> CredentialsOf(const std::string& folder) {
  if (folder == "-") return grpc::InsecureChannelCredentials();
  return grpc::SslCredentials(
      {Read(folder + "/ca.pem"), Read(folder + "/client-1.key"), Read(folder + "/client-1.pem")});
}

// A connection of its own.
std::shared_ptr<grpc::Channel> Connect(
    const Server& server, const std::shared_ptr<grpc::ChannelCredentials>& credentials) {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  arguments.SetSslTargetNameOverride("node-1");
  return grpc::CreateCustomChannel(server.address, credentials, arguments);
}

double ProcessorMicroseconds(pid_t pid) {
  clockid_t clock = 0;
  timespec time = {};
  if (clock_getcpuclockid(pid, &clock) != 0 || clock_gettime(clock, &time) != 0) {
    std::cerr << "process " << pid << " is gone\n";
    std::exit(1);
  }
  return static_cast<double>(time.tv_sec) * 1e6 + static_cast<double>(time.tv_nsec) / 1e3;
}

// What one server made of one round.
struct Figures {
  double calls_per_second = 0;  // 64 in flight.
  double processor_us = 0;      // The server's, for each of those calls.
  double p50_us = 0;            // One in flight.
  size_t failed = 0;
};

Figures Measure(const Server& server, const Case& one, size_t calls,
                const std::shared_ptr<grpc::ChannelCredentials>& credentials) {
  const auto channel = Connect(server, credentials);
  const LoadResult warm = DriveInTurn(channel, one.method, one.requests, 64, calls / 4);
  const double before_us = ProcessorMicroseconds(server.pid);
  const LoadResult crowd = DriveInTurn(channel, one.method, one.requests, 64, calls);
  const double used_us = ProcessorMicroseconds(server.pid) - before_us;
  const LoadResult single = DriveInTurn(channel, one.method, one.requests, 1, calls / 4);
  return {crowd.calls_per_second, used_us / static_cast<double>(calls), single.p50_us,
          warm.failed + crowd.failed + single.failed};
}

// Ratios of rounds, by their logarithms: twice as much and half as much are equally far from 1.
class Ratios {
 public:
  void Add(double better_if_more, double than) { logs_.push_back(std::log(better_if_more / than)); }

  nlohmann::json Summary() const {
    const auto count = static_cast<double>(logs_.size());
    double sum = 0;
    for (const double one : logs_) sum += one;
    const double mean = sum / count;
    double squares = 0;
    for (const double one : logs_) squares += (one - mean) * (one - mean);
    const double error = count > 1 ? std::sqrt(squares / (count - 1) / count) : 0;
    return {{"ratio", std::exp(mean)}, {"error", std::exp(mean) * error}};
  }

 private:
  std::vector<double> logs_;
};

nlohmann::json Compare(const Case& one, const Server& before, const Server& now, size_t calls,
                       size_t rounds,
                       const std::shared_ptr<grpc::ChannelCredentials>& credentials) {
  const auto answer_bytes = [&](const Server& server) {
    return CallOnce(Connect(server, credentials), one.method, one.requests[0]).size();
  };
  Ratios throughput;
  Ratios processor;
  Ratios p50;
  size_t failed = 0;
  for (size_t round = 0; round < rounds; ++round) {
    const bool now_first = round % 2 == 1;
    const Figures a = Measure(now_first ? now : before, one, calls, credentials);
    const Figures b = Measure(now_first ? before : now, one, calls, credentials);
    const Figures& old = now_first ? b : a;
    const Figures& fresh = now_first ? a : b;
    throughput.Add(fresh.calls_per_second, old.calls_per_second);
    processor.Add(old.processor_us, fresh.processor_us);
    p50.Add(old.p50_us, fresh.p50_us);
    failed += a.failed + b.failed;
  }
  return {{"name", one.name},
          {"throughput", throughput.Summary()},
          {"processor", processor.Summary()},
          {"p50", p50.Summary()},
          {"answer_bytes", {answer_bytes(before), answer_bytes(now)}},
          {"failed", failed}};
}

}  // namespace
}  // namespace ccplace::benchmark

int main(int argc, char** argv) {
  using namespace ccplace::benchmark;
  size_t calls = 0;
  size_t rounds = 0;
  Server before;
  Server now;
  if ((argc != 8 && argc != 9) || !absl::SimpleAtoi(argv[2], &calls) ||
      !absl::SimpleAtoi(argv[3], &rounds) || !absl::SimpleAtoi(argv[5], &before.pid) ||
      !absl::SimpleAtoi(argv[7], &now.pid) || calls < 100 || rounds == 0) {
    std::cerr << "usage: pair_benchmark TLS_FOLDER CALLS ROUNDS BEFORE_ADDRESS BEFORE_PID "
                 "NOW_ADDRESS NOW_PID [METHOD]\n";
    return 2;
  }
  before.address = argv[4];
  now.address = argv[6];
  const auto credentials = CredentialsOf(argv[1]);
  for (const Case& one : argc == 9 ? std::vector<Case>{{argv[8], argv[8], {""}}} : Cases()) {
    std::cout << Compare(one, before, now, calls, rounds, credentials) << std::endl;
  }
  return 0;
}
