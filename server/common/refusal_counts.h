// How many connections and calls were refused, and why. Thread-safe, without locks.
#ifndef CCPLACE_SERVER_COMMON_REFUSAL_COUNTS_H_
#define CCPLACE_SERVER_COMMON_REFUSAL_COUNTS_H_

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

#include "absl/strings/string_view.h"
#include "server/common/concurrency_quota.h"

namespace ccplace {

// Connections that were closed because a limit was reached.
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

// Why a certificate counts no more: it, or one of its chain, has ended; is revoked; or no authority
// that is trusted now vouches for it.
enum class CertificateRefusal { kEnded, kRevoked, kUntrusted };

// By their numbers.
inline constexpr std::array<absl::string_view, 3> kCertificateRefusalNames = {"ended", "revoked",
                                                                              "untrusted"};

// Calls that were refused because the caller's certificate counts no more.
class RefusedCertificates {
 public:
  void Count(CertificateRefusal refusal) { ++counts_[static_cast<size_t>(refusal)]; }
  uint64_t Read(CertificateRefusal refusal) const { return counts_[static_cast<size_t>(refusal)]; }

 private:
  std::array<std::atomic<uint64_t>, kCertificateRefusalNames.size()> counts_ = {};
};

}  // namespace ccplace

#endif  // CCPLACE_SERVER_COMMON_REFUSAL_COUNTS_H_
