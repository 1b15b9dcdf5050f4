// Measures ccplaced's reads against a bare echo of the same message sizes, side by side.
// usage: rpc_benchmark CCPLACED_ADDRESS ECHO_SERVER_BINARY [CALLS]
// Prints one line of JSON per RPC: ratios ccplaced/echo, medians over alternating rounds.
#include <grpcpp/grpcpp.h>

#include <algorithm>
#include <iostream>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "ccplace/v1/host_service.pb.h"
#include "nlohmann/json.hpp"
#include "tests/benchmark/rpc/echo.h"
#include "tests/benchmark/rpc/load.h"

namespace ccplace::benchmark {
namespace {

constexpr int kRounds = 7;

struct Case {
  std::string name;
  std::string method;
  std::vector<std::string> requests;  // Taken in turn; all of one size.
};

v1::ValidateRequestRequest TypicalRequest() {
  v1::ValidateRequestRequest request;
  request.mutable_flavor()->set_name("tdx.large");
  auto& specs = *request.mutable_flavor()->mutable_extra_specs();
  specs["hw:mem_encryption"] = "true";
  specs["hw:mem_encryption_model"] = "intel-tdx";
  auto& image = *request.mutable_image();
  image.set_name("debian-12-tdx");
  auto& properties = *image.mutable_properties();
  properties["hw_firmware_type"] = "uefi";
  properties["hw_firmware_stateless"] = "true";
  properties["hw_machine_type"] = "q35";
  properties["hw_video_model"] = "none";
  return request;
}

// So many that no memory of verdicts holds them all: each is judged anew.
std::vector<std::string> NeverAskedRequests() {
  std::vector<std::string> requests;
  for (int i = 100000; i < 116384; ++i) {
    v1::ValidateRequestRequest request = TypicalRequest();
    request.mutable_flavor()->set_name(absl::StrCat("tdx", i));
    requests.push_back(request.SerializeAsString());
  }
  return requests;
}

std::vector<Case> Cases() {
  const std::string service = "/ccplace.v1.HostService/";
  return {
      {"ValidateRequest", service + "ValidateRequest", {TypicalRequest().SerializeAsString()}},
      {"ValidateRequest, never asked before", service + "ValidateRequest", NeverAskedRequests()},
      {"HostCapabilities", service + "HostCapabilities", {""}},
      {"TdxInventory", service + "TdxInventory", {""}}};
}

double Median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

std::shared_ptr<grpc::Channel> Connect(const std::string& address) {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  return grpc::CreateCustomChannel(address, grpc::InsecureChannelCredentials(), arguments);
}

// Ratios of one load shape, ccplaced over echo, round by round so that drift hits both alike.
struct Ratios {
  std::vector<double> throughput, p50, p99, ours_per_second, echo_p50;
  size_t failed = 0;

  void Add(const LoadResult& ours, const LoadResult& echo) {
    throughput.push_back(ours.calls_per_second / echo.calls_per_second);
    p50.push_back(ours.p50_us / echo.p50_us);
    p99.push_back(ours.p99_us / echo.p99_us);
    ours_per_second.push_back(ours.calls_per_second);
    echo_p50.push_back(echo.p50_us);
    failed += ours.failed + echo.failed;
  }
};

nlohmann::json Measure(const Case& one, const std::string& address, const std::string& echo_binary,
                       size_t calls) {
  const auto ours = Connect(address);
  const size_t answer_bytes = CallOnce(ours, one.method, one.requests[0]).size();
  const EchoProcess process(echo_binary, answer_bytes);
  const auto echo = Connect(process.address());
  const std::string sent = EchoRequestOf(one.requests[0].size());
  CallOnce(echo, kEchoMethod, sent);
  Ratios crowd;
  Ratios single;
  for (int round = -1; round < kRounds; ++round) {  // The first round only warms up.
    const LoadResult a = DriveInTurn(ours, one.method, one.requests, 64, calls);
    const LoadResult b = Drive(echo, kEchoMethod, sent, 64, calls);
    const LoadResult c = DriveInTurn(ours, one.method, one.requests, 1, calls / 8);
    const LoadResult d = Drive(echo, kEchoMethod, sent, 1, calls / 8);
    if (round < 0) continue;
    crowd.Add(a, b);
    single.Add(c, d);
  }
  return {{"name", one.name},
          {"request_bytes", one.requests[0].size()},
          {"answer_bytes", answer_bytes},
          {"throughput_at_64", Median(crowd.throughput)},
          {"p50_at_1", Median(single.p50)},
          {"p99_at_1", Median(single.p99)},
          {"p99_at_64", Median(crowd.p99)},
          {"calls_per_second_at_64", Median(crowd.ours_per_second)},
          {"echo_p50_us", Median(single.echo_p50)},
          {"failed", crowd.failed + single.failed}};
}

}  // namespace
}  // namespace ccplace::benchmark

int main(int argc, char** argv) {
  size_t calls = 40000;
  if (argc < 3 || (argc > 3 && !absl::SimpleAtoi(argv[3], &calls))) {
    std::cerr << "usage: rpc_benchmark CCPLACED_ADDRESS ECHO_SERVER_BINARY [CALLS]\n";
    return 2;
  }
  for (const auto& one : ccplace::benchmark::Cases()) {
    std::cout << ccplace::benchmark::Measure(one, argv[1], argv[2], calls) << std::endl;
  }
  return 0;
}
