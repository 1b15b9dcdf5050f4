// Limits on how much of something is held at one time, for each endpoint and each caller there.
#ifndef CCPLACE_SERVER_COMMON_CONCURRENCY_QUOTA_H_
#define CCPLACE_SERVER_COMMON_CONCURRENCY_QUOTA_H_

#include <cstddef>
#include <string>
#include <unordered_map>

#include "absl/strings/string_view.h"

namespace ccplace {

// What is counted together. Quotas are independent for each endpoint.
struct QuotaKey {
  std::string endpoint;  // "read-only socket".
  std::string caller;    // "user 1000". Empty: only the endpoint's limit holds.
};

// Both from 1 up.
struct QuotaLimits {
  size_t per_endpoint = 1;
  size_t per_caller = 1;
};

enum class QuotaResult { kWithinLimits, kEndpointFull, kCallerFull };

// Counts what is held. Not thread-safe.
class ConcurrencyQuota {
 public:
  explicit ConcurrencyQuota(QuotaLimits limits) : limits_(limits) {}

  // Whether `key` may have one more; kCallerFull where both limits are reached.
  QuotaResult Check(const QuotaKey& key) const;

  // Acquire counts one more, also above the limits; one Release must follow each.
  void Acquire(const QuotaKey& key);
  void Release(const QuotaKey& key);

  const QuotaLimits& limits() const { return limits_; }

 private:
  struct Endpoint {
    size_t taken = 0;
    std::unordered_map<std::string, size_t> by_caller;  // None of them 0.
  };

  const QuotaLimits limits_;
  std::unordered_map<std::string, Endpoint> endpoints_;
};

// "user 1000 has 128 watchers on the read-only socket", for `result` that is not free.
std::string ToText(const QuotaKey& key, QuotaResult result, const QuotaLimits& limits,
                   absl::string_view what);

}  // namespace ccplace

#endif  // CCPLACE_SERVER_COMMON_CONCURRENCY_QUOTA_H_
