// How many calls there were, how they ended and how long they took; and how many are under way.
#ifndef CCPLACE_SERVER_RPC_CALL_COUNTS_H_
#define CCPLACE_SERVER_RPC_CALL_COUNTS_H_

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace ccplace {

enum class Rpc {
  kHostCapabilities,
  kTdxInventory,
  kWatchHost,
  kValidateRequest,
  kDefineTdxDomain,
  kUndefineTdxDomain,
  kListTdxDomains,
};
inline constexpr size_t kRpcs = 7;

// "DefineTdxDomain", as the contract spells it.
absl::string_view RpcName(Rpc rpc);

// Upper bounds of the classes that durations are counted in, in seconds: from reads off a snapshot
// to calls that wait for a libvirt that stalls.
inline constexpr std::array<double, 16> kDurationBounds = {
    0.000025, 0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005,
    0.01,     0.025,   0.05,   0.1,     0.5,    2.5,   10,     30};

inline constexpr size_t kStatusCodes = 17;  // absl::StatusCode's, OK being 0.

// One RPC's calls up to now.
struct RpcCounts {
  std::array<uint64_t, kStatusCodes> by_code = {};
  // Not cumulative; the last is what took longer than every bound. Streams are not timed.
  std::array<uint64_t, kDurationBounds.size() + 1> by_duration = {};
  std::chrono::nanoseconds total_time{0};
};

// Thread-safe, without a lock: a call adds to the counters of one of several shards, so that
// serving threads do not share what they write; readers sum them up.
class CallCounts {
 public:
  // Of a unary call, before CountCall.
  void CountBegin();
  void CountCall(Rpc rpc, absl::StatusCode code, std::chrono::nanoseconds took);
  void CountStream(Rpc rpc, absl::StatusCode code);

  // Calls that end meanwhile may show in one figure and not yet in another.
  RpcCounts Read(Rpc rpc) const;

  // Calls that begin from here on must be refused: those whose CountBegin under_way() may have
  // missed find takes_more() false.
  void TakeNoMore() { takes_more_ = false; }
  bool takes_more() const { return takes_more_; }

  // Unary calls that began and did not end yet; while none begins or ends, exactly so, else never
  // 0 when there was one all the time.
  uint64_t under_way() const;

  // Unary calls that ever began.
  uint64_t begun() const;

  // Writes that libvirt works on, also after their callers' deadlines.
  uint64_t writes_at_work() const { return writes_at_work_; }

 private:
  friend class WriteAtWork;

  struct Counters {
    std::array<std::atomic<uint64_t>, kStatusCodes> by_code = {};
    std::array<std::atomic<uint64_t>, kDurationBounds.size() + 1> by_duration = {};
    std::atomic<int64_t> total_ns{0};
  };
  struct alignas(64) Shard {  // A cache line: shards share none.
    std::array<Counters, kRpcs> rpcs;
    std::atomic<uint64_t> begun{0};
  };

  Shard& Mine();

  std::array<Shard, 16> shards_;
  std::atomic<bool> takes_more_{true};
  std::atomic<uint64_t> writes_at_work_{0};
};

// Counts a write for as long as it lives: held by the work, not by the call.
class WriteAtWork {
 public:
  explicit WriteAtWork(std::shared_ptr<CallCounts> counts) : counts_(std::move(counts)) {
    ++counts_->writes_at_work_;
  }
  ~WriteAtWork() { --counts_->writes_at_work_; }
  WriteAtWork(const WriteAtWork&) = delete;
  WriteAtWork& operator=(const WriteAtWork&) = delete;

 private:
  const std::shared_ptr<CallCounts> counts_;
};

// A unary call under way: created when it begins, completed when it ends. Cheap to copy; `counts`
// must outlive every copy.
class CallTimer {
 public:
  CallTimer(CallCounts& counts, Rpc rpc)
      : counts_(&counts), rpc_(rpc), began_(std::chrono::steady_clock::now()) {
    counts.CountBegin();
  }

  // Counts the call; for one copy, once, before gRPC gets the result.
  void End(absl::StatusCode code) const {
    counts_->CountCall(rpc_, code, std::chrono::steady_clock::now() - began_);
  }

 private:
  CallCounts* counts_;
  Rpc rpc_;
  std::chrono::steady_clock::time_point began_;
};

}  // namespace ccplace

#endif  // CCPLACE_SERVER_RPC_CALL_COUNTS_H_
