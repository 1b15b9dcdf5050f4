#include "server/rpc/call_counts.h"

#include <algorithm>

namespace ccplace {
namespace {

constexpr auto kRelaxed = std::memory_order_relaxed;

// Each thread's own number, counted up from 0.
size_t ThreadNumber() {
  static std::atomic<size_t> next{0};
  thread_local const size_t mine = next.fetch_add(1, kRelaxed);
  return mine;
}

// A code that no Status should have counts as UNKNOWN, which is what the wire makes of it.
size_t IndexOf(absl::StatusCode code) {
  const auto index = static_cast<size_t>(code);
  return index < kStatusCodes ? index : static_cast<size_t>(absl::StatusCode::kUnknown);
}

size_t ClassOf(std::chrono::nanoseconds took) {
  const double seconds = std::chrono::duration<double>(took).count();
  const auto* const found =
      std::lower_bound(kDurationBounds.begin(), kDurationBounds.end(), seconds);
  return static_cast<size_t>(found - kDurationBounds.begin());
}

template <typename From, typename To>
void AddEach(const From& from, To& to) {
  for (size_t i = 0; i < from.size(); ++i) to[i] += from[i].load(kRelaxed);
}

}  // namespace

absl::string_view RpcName(Rpc rpc) {
  static constexpr std::array<absl::string_view, kRpcs> kNames = {
      "HostCapabilities", "TdxInventory",      "WatchHost",     "ValidateRequest",
      "DefineTdxDomain",  "UndefineTdxDomain", "ListTdxDomains"};
  return kNames[static_cast<size_t>(rpc)];
}

CallCounts::Shard& CallCounts::Mine() { return shards_[ThreadNumber() % shards_.size()]; }

// Not relaxed: either this shows in under_way(), or TakeNoMore in takes_more().
void CallCounts::CountBegin() { Mine().begun.fetch_add(1); }

void CallCounts::CountCall(Rpc rpc, absl::StatusCode code, std::chrono::nanoseconds took) {
  Counters& mine = Mine().rpcs[static_cast<size_t>(rpc)];
  mine.by_duration[ClassOf(took)].fetch_add(1, kRelaxed);
  mine.total_ns.fetch_add(took.count(), kRelaxed);
  mine.by_code[IndexOf(code)].fetch_add(1, std::memory_order_release);
}

void CallCounts::CountStream(Rpc rpc, absl::StatusCode code) {
  Mine().rpcs[static_cast<size_t>(rpc)].by_code[IndexOf(code)].fetch_add(1, kRelaxed);
}

RpcCounts CallCounts::Read(Rpc rpc) const {
  RpcCounts sum;
  for (const Shard& shard : shards_) {
    const Counters& counters = shard.rpcs[static_cast<size_t>(rpc)];
    AddEach(counters.by_code, sum.by_code);
    AddEach(counters.by_duration, sum.by_duration);
    sum.total_time += std::chrono::nanoseconds(counters.total_ns.load(kRelaxed));
  }
  return sum;
}

uint64_t CallCounts::under_way() const {
  // The ends first: a call that shows here as ended shows below as begun.
  uint64_t ended = 0;
  for (const Shard& shard : shards_) {
    for (size_t rpc = 0; rpc < kRpcs; ++rpc) {
      if (rpc == static_cast<size_t>(Rpc::kWatchHost)) continue;  // A stream.
      for (const auto& count : shard.rpcs[rpc].by_code) ended += count;
    }
  }
  return begun() - ended;
}

uint64_t CallCounts::begun() const {
  uint64_t begun = 0;
  for (const Shard& shard : shards_) begun += shard.begun;
  return begun;
}

}  // namespace ccplace
