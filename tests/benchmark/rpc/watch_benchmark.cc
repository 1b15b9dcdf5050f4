// Many watchers of one daemon: how long until all of them have heard of a change.
// usage: watch_benchmark SIMULATED_ADDRESS WATCHERS PID [CHANGES]
// A change is a trust domain started, or stopped, on a simulated host: a key taken or freed.
// Prints one line of JSON; PID is the daemon's, whose memory and processor time are read.
#include <grpcpp/grpcpp.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <fstream>
#include <iostream>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "ccplace/v1/host_service.grpc.pb.h"
#include "nlohmann/json.hpp"

namespace ccplace::benchmark {
namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr size_t kWatchersPerConnection = 100;  // Within the daemon's own limit.
constexpr char kUuid[] = "00000000-0000-4000-8000-000000000001";

// How many watchers have heard of the state that is waited for.
class Tally {
 public:
  explicit Tally(size_t watchers) : watchers_(watchers) {}

  void Expect(uint64_t keys_in_use) {
    const std::lock_guard<std::mutex> lock(mutex_);
    expected_ = keys_in_use;
    heard_ = 0;
  }
  // Each watcher says so once.
  void Heard(uint64_t keys_in_use, uint64_t& last) {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (keys_in_use == expected_ && last != expected_ && ++heard_ == watchers_) all_.notify_all();
    last = keys_in_use;
  }
  bool Await() {
    std::unique_lock<std::mutex> lock(mutex_);
    return all_.wait_for(lock, std::chrono::seconds(20), [this] { return heard_ == watchers_; });
  }

 private:
  const size_t watchers_;
  std::mutex mutex_;
  std::condition_variable all_;
  uint64_t expected_ = 0;
  size_t heard_ = 0;
};

class Watcher final : public grpc::ClientReadReactor<v1::WatchHostResponse> {
 public:
  Watcher(v1::HostService::Stub& stub, Tally& tally) : tally_(tally) {
    stub.async()->WatchHost(&context_, &request_, this);
    StartRead(&answer_);
    StartCall();
  }
  void OnReadDone(bool ok) override {
    if (!ok) return;
    tally_.Heard(answer_.tdx_keys().in_use().value(), last_);
    StartRead(&answer_);
  }
  void OnDone(const grpc::Status&) override {
    const std::lock_guard<std::mutex> lock(mutex_);
    done_ = true;
    ended_.notify_all();
  }
  void End() {
    context_.TryCancel();
    std::unique_lock<std::mutex> lock(mutex_);
    ended_.wait(lock, [this] { return done_; });
  }

 private:
  Tally& tally_;
  grpc::ClientContext context_;
  const v1::WatchHostRequest request_;
  v1::WatchHostResponse answer_;
  uint64_t last_ = ~uint64_t{0};
  std::mutex mutex_;
  std::condition_variable ended_;
  bool done_ = false;
};

std::shared_ptr<grpc::Channel> Connect(const std::string& address) {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);  // A connection of its own.
  return grpc::CreateCustomChannel(address, grpc::InsecureChannelCredentials(), arguments);
}

double ResidentKib(const std::string& pid) {
  std::ifstream status("/proc/" + pid + "/status");
  for (std::string word; status >> word;) {
    double kib = 0;
    if (word == "VmRSS:" && status >> kib) return kib;
  }
  return 0;
}

// Processor time so far. proc(5): the 14th and 15th fields of stat, in clock ticks.
double ProcessorMs(const std::string& pid) {
  std::ifstream stat("/proc/" + pid + "/stat");
  std::string text((std::istreambuf_iterator<char>(stat)), std::istreambuf_iterator<char>());
  std::istringstream fields(text.substr(text.rfind(')') + 2));
  std::string skipped;
  for (int i = 3; i < 14; ++i) fields >> skipped;
  double user = 0;
  double system = 0;
  fields >> user >> system;
  return (user + system) * 1000 / static_cast<double>(sysconf(_SC_CLK_TCK));
}

[[noreturn]] void Fail(const grpc::Status& status) {
  std::cerr << "watch_benchmark: " << status.error_message() << "\n";
  std::_Exit(1);
}

void Start(v1::HostService::Stub& stub) {
  v1::DefineTdxDomainRequest request;
  request.mutable_domain()->set_uuid(kUuid);
  request.mutable_domain()->set_name("watched");
  request.mutable_domain()->set_vcpus(1);
  request.mutable_domain()->set_memory_mib(1024);
  request.mutable_domain()->add_disks()->mutable_file()->set_path(
      "/var/lib/libvirt/images/demo.raw");
  (*request.mutable_flavor()->mutable_extra_specs())["hw:mem_encryption"] = "true";
  (*request.mutable_flavor()->mutable_extra_specs())["hw:mem_encryption_model"] = "intel-tdx";
  auto& properties = *request.mutable_image()->mutable_properties();
  properties["hw_firmware_type"] = "uefi";
  properties["hw_firmware_stateless"] = "true";
  properties["hw_video_model"] = "none";
  request.set_start(true);
  grpc::ClientContext context;
  v1::DefineTdxDomainResponse answer;
  const grpc::Status status = stub.DefineTdxDomain(&context, request, &answer);
  if (!status.ok()) Fail(status);
}

void Stop(v1::HostService::Stub& stub) {
  v1::UndefineTdxDomainRequest request;
  request.set_uuid(kUuid);
  request.set_stop(true);
  grpc::ClientContext context;
  v1::UndefineTdxDomainResponse answer;
  const grpc::Status status = stub.UndefineTdxDomain(&context, request, &answer);
  if (!status.ok()) Fail(status);
}

nlohmann::json Measure(const std::string& address, size_t count, const std::string& pid,
                       int changes) {
  const double kib_before = ResidentKib(pid);
  const auto writer = v1::HostService::NewStub(Connect(address));
  Tally tally(count);
  tally.Expect(0);
  std::vector<std::unique_ptr<v1::HostService::Stub>> stubs;
  std::vector<std::unique_ptr<Watcher>> watchers;
  for (size_t i = 0; i < count; ++i) {
    if (i % kWatchersPerConnection == 0)
      stubs.push_back(v1::HostService::NewStub(Connect(address)));
    watchers.push_back(std::make_unique<Watcher>(*stubs.back(), tally));
  }
  bool whole = tally.Await();
  const double kib_each = (ResidentKib(pid) - kib_before) / static_cast<double>(count);
  const double processor_before = ProcessorMs(pid);
  std::vector<double> took_ms;
  for (int i = 0; i < changes && whole; ++i) {
    tally.Expect(i % 2 == 0 ? 1 : 0);
    const auto begun = SteadyClock::now();
    i % 2 == 0 ? Start(*writer) : Stop(*writer);
    whole = tally.Await();
    took_ms.push_back(
        std::chrono::duration<double, std::milli>(SteadyClock::now() - begun).count());
  }
  const double processor_ms = (ProcessorMs(pid) - processor_before) / changes;
  for (const auto& watcher : watchers) watcher->End();
  std::sort(took_ms.begin(), took_ms.end());
  return {{"all_heard", whole},
          {"kib_each", kib_each},
          {"change_ms", took_ms.empty() ? 0 : took_ms[took_ms.size() / 2]},
          {"processor_ms", processor_ms}};
}

}  // namespace
}  // namespace ccplace::benchmark

int main(int argc, char** argv) {
  size_t watchers = 0;
  int changes = 20;
  if (argc < 4 || !absl::SimpleAtoi(argv[2], &watchers) || watchers == 0 ||
      (argc > 4 && !absl::SimpleAtoi(argv[4], &changes)) || changes < 1) {
    std::cerr << "usage: watch_benchmark SIMULATED_ADDRESS WATCHERS PID [CHANGES]\n";
    return 2;
  }
  std::cout << ccplace::benchmark::Measure(argv[1], watchers, argv[3], changes) << std::endl;
  return 0;
}
