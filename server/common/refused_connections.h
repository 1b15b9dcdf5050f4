// How many connections were closed because a limit was reached.
#ifndef CCPLACE_SERVER_COMMON_REFUSED_CONNECTIONS_H_
#define CCPLACE_SERVER_COMMON_REFUSED_CONNECTIONS_H_

#include <atomic>
#include <cstdint>

#include "server/common/concurrency_quota.h"

namespace ccplace {

// Thread-safe, without a lock.
class RefusedConnections {
 public:
  // One more, for a `result` that is not free.
  void Count(QuotaResult result) {
    (result == QuotaResult::kEndpointFull ? endpoint_ : caller_) += 1;
  }
  uint64_t Read(QuotaResult result) const {
    return result == QuotaResult::kEndpointFull ? endpoint_ : caller_;
  }

  // So many more, for memory that had grown too much.
  void CountForMemory(uint64_t connections) { memory_ += connections; }
  uint64_t for_memory() const { return memory_; }

  // The flags that set the bounds, without their dashes.
  static constexpr char kMemoryFlag[] = "grpc_memory_mib";
  static const char* FlagOf(QuotaResult result) {
    return result == QuotaResult::kEndpointFull ? "max_connections" : "max_connections_per_caller";
  }

 private:
  std::atomic<uint64_t> endpoint_{0};
  std::atomic<uint64_t> caller_{0};
  std::atomic<uint64_t> memory_{0};
};

}  // namespace ccplace

#endif  // CCPLACE_SERVER_COMMON_REFUSED_CONNECTIONS_H_
