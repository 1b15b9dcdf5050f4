// Bounds on how much of something is held at one time: at each endpoint, and by each caller there.
#ifndef CCPLACE_SERVER_COMMON_QUOTA_H_
#define CCPLACE_SERVER_COMMON_QUOTA_H_

#include <cstddef>
#include <string>
#include <unordered_map>

#include "absl/strings/string_view.h"

namespace ccplace {

// Whose place it is. Endpoints share no places: who fills one keeps nobody out of another.
struct QuotaKey {
  std::string endpoint;  // "read-only socket".
  std::string caller;    // "user 1000". Empty: bounded with all others of the endpoint alone.
};

// Both from 1 up.
struct QuotaLimits {
  size_t per_endpoint = 1;
  size_t per_caller = 1;
};

enum class QuotaResult { kWithinLimits, kEndpointFull, kCallerFull };

// Counts places. Not thread-safe.
class QuotaTracker {
 public:
  explicit QuotaTracker(QuotaLimits limits) : limits_(limits) {}

  // Whether `key` may take one more place; kCallerFull where both bounds are reached.
  QuotaResult Check(const QuotaKey& key) const;

  // Take counts a place, whether there is room or not; each must be followed by one Give.
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

#endif  // CCPLACE_SERVER_COMMON_QUOTA_H_
