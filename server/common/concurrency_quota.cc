#include "server/common/concurrency_quota.h"

#include "absl/strings/str_cat.h"

namespace ccplace {

QuotaResult ConcurrencyQuota::Check(const QuotaKey& key) const {
  const auto endpoint = endpoints_.find(key.endpoint);
  if (endpoint == endpoints_.end()) return QuotaResult::kWithinLimits;
  const auto caller = endpoint->second.by_caller.find(key.caller);
  if (caller != endpoint->second.by_caller.end() && caller->second >= limits_.per_caller) {
    return QuotaResult::kCallerFull;
  }
  return endpoint->second.taken >= limits_.per_endpoint ? QuotaResult::kEndpointFull
                                                        : QuotaResult::kWithinLimits;
}

void ConcurrencyQuota::Acquire(const QuotaKey& key) {
  Endpoint& endpoint = endpoints_[key.endpoint];
  ++endpoint.taken;
  if (!key.caller.empty()) ++endpoint.by_caller[key.caller];
}

void ConcurrencyQuota::Release(const QuotaKey& key) {
  Endpoint& endpoint = endpoints_[key.endpoint];
  --endpoint.taken;
  const auto caller = endpoint.by_caller.find(key.caller);
  if (caller != endpoint.by_caller.end() && --caller->second == 0) endpoint.by_caller.erase(caller);
}

std::string ToText(const QuotaKey& key, QuotaResult result, const QuotaLimits& limits,
                   absl::string_view what) {
  if (result == QuotaResult::kCallerFull) {
    return absl::StrCat(key.caller, " has ", limits.per_caller, " ", what, " on the ",
                        key.endpoint);
  }
  return absl::StrCat("the ", key.endpoint, " has ", limits.per_endpoint, " ", what);
}

}  // namespace ccplace
