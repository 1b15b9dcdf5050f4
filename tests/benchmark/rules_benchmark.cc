// The rules alone: a request's message in, the answer's message out. Allocations are counted by
// replacing the global operators, arenas included.
#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <new>
#include <string>
#include <utility>
#include <vector>

#include "benchmark/benchmark.h"
#include "ccplace/v1/request.pb.h"
#include "google/protobuf/arena.h"
#include "lib/request/rules.h"

namespace {
std::atomic<uint64_t> allocations{0};
}  // namespace

// Not inlined, so that the compiler sees each pair whole.
[[gnu::noinline]] void* operator new(size_t size) {
  allocations.fetch_add(1, std::memory_order_relaxed);
  void* memory = std::malloc(size);
  if (memory == nullptr) std::abort();
  return memory;
}
[[gnu::noinline]] void operator delete(void* memory) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, size_t) noexcept { std::free(memory); }

namespace ccplace {
namespace {

using Pairs = std::vector<std::pair<std::string, std::string>>;

v1::HostPolicy Policy() {
  v1::HostPolicy policy;
  policy.set_default_machine_type("q35");
  return policy;
}

// A flavor and an image as a cloud has them, with keys that no rule reads among them.
v1::ValidateRequestRequest Typical(const Pairs& more_flavor, const Pairs& more_image) {
  v1::ValidateRequestRequest request;
  v1::Flavor& flavor = *request.mutable_flavor();
  flavor.set_name("td.large");
  flavor.set_vcpus(8);
  flavor.set_memory_mib(32768);
  flavor.set_disk_gib(80);
  Pairs specs = {{"hw_rng:allowed", "true"}, {"quota:disk_total_iops_sec", "2000"}};
  specs.insert(specs.end(), more_flavor.begin(), more_flavor.end());
  for (const auto& [key, value] : specs) (*flavor.mutable_extra_specs())[key] = value;
  v1::Image& image = *request.mutable_image();
  image.set_id("5f1bb2c8-3f9c-4f0c-8f5e-5b1d3a8c9d10");
  image.set_name("ubuntu-24.04-server-cloudimg-amd64");
  Pairs properties = {{"os_distro", "ubuntu"},         {"os_version", "24.04"},
                      {"os_hash_algo", "sha512"},      {"hw_rng_model", "virtio"},
                      {"hw_vif_model", "virtio"},      {"hw_qemu_guest_agent", "yes"},
                      {"hw_firmware_type", "uefi"},    {"hw_machine_type", "q35"},
                      {"os_require_quiesce", "false"}, {"hw_disk_bus", "virtio"}};
  properties.insert(properties.end(), more_image.begin(), more_image.end());
  for (const auto& [key, value] : properties) (*image.mutable_properties())[key] = value;
  return request;
}

v1::ValidateRequestRequest Accepted() {
  return Typical({{"hw:mem_encryption", "true"}, {"hw:mem_encryption_model", "intel-tdx"}},
                 {{"hw_firmware_stateless", "true"}, {"hw_video_model", "none"}});
}

v1::ValidateRequestRequest FiveFaults() {
  return Typical({{"hw:mem_encryption", "true"}, {"hw:mem_encryption_model", "intel-tdx"}},
                 {{"hw_firmware_type", "bios"},
                  {"hw_machine_type", "pc"},
                  {"hw_disk_bus", "scsi"},
                  {"hw_video_model", "qxl"}});
}

void Judge(benchmark::State& state, const v1::ValidateRequestRequest& request, bool on_arena) {
  const v1::HostPolicy policy = Policy();
  std::vector<char> block(16384);
  google::protobuf::ArenaOptions options;
  options.initial_block = block.data();
  options.initial_block_size = block.size();
  google::protobuf::Arena arena(options);
  const uint64_t before = allocations.load();
  for (auto iteration : state) {
    static_cast<void>(iteration);
    if (on_arena) {
      auto* answer = google::protobuf::Arena::CreateMessage<v1::ValidateRequestResponse>(&arena);
      EvaluateRequest(request, policy, *answer);
      benchmark::DoNotOptimize(answer->decision());
      arena.Reset();
    } else {
      v1::ValidateRequestResponse answer;
      EvaluateRequest(request, policy, answer);
      benchmark::DoNotOptimize(answer.decision());
    }
  }
  state.counters["allocations"] = benchmark::Counter(
      static_cast<double>(allocations.load() - before), benchmark::Counter::kAvgIterations);
}

void BM_TypicalTdxRequest(benchmark::State& state) { Judge(state, Accepted(), true); }
BENCHMARK(BM_TypicalTdxRequest);

void BM_TypicalTdxRequestWithoutArena(benchmark::State& state) { Judge(state, Accepted(), false); }
BENCHMARK(BM_TypicalTdxRequestWithoutArena);

void BM_NotConfidentialRequest(benchmark::State& state) { Judge(state, Typical({}, {}), true); }
BENCHMARK(BM_NotConfidentialRequest);

void BM_FiveFaults(benchmark::State& state) { Judge(state, FiveFaults(), true); }
BENCHMARK(BM_FiveFaults);

// The largest request within bounds, made of keys that all look like misspellings.
void BM_LargestRequest(benchmark::State& state) {
  Pairs flavor;
  Pairs image;
  for (int i = 0; i < 120; ++i) flavor.emplace_back("hw:mem_encryptio" + std::to_string(i), "x");
  for (int i = 0; i < 240; ++i) image.emplace_back("hw_mem_encryptio" + std::to_string(i), "x");
  Judge(state, Typical(flavor, image), true);
}
BENCHMARK(BM_LargestRequest);

void BM_CheckBounds(benchmark::State& state) {
  const v1::ValidateRequestRequest request = Accepted();
  for (auto iteration : state) {
    static_cast<void>(iteration);
    benchmark::DoNotOptimize(CheckRequestBounds(request).ok());
  }
}
BENCHMARK(BM_CheckBounds);

// Yardstick: what protobuf alone takes to parse the request and to write the answer.
void BM_ParseAndSerialize(benchmark::State& state) {
  const std::string bytes = Accepted().SerializeAsString();
  v1::ValidateRequestResponse answer;
  EvaluateRequest(Accepted(), Policy(), answer);
  for (auto iteration : state) {
    static_cast<void>(iteration);
    v1::ValidateRequestRequest request;
    benchmark::DoNotOptimize(request.ParseFromString(bytes));
    benchmark::DoNotOptimize(answer.SerializeAsString());
  }
}
BENCHMARK(BM_ParseAndSerialize);

}  // namespace
}  // namespace ccplace
