#include "server/rpc/watchers.h"

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "server/rpc/grpc_status.h"

namespace ccplace {

Watchers::Watchers(QuotaLimits limits) : quotas_(limits) {}

absl::Status Watchers::Register(const std::shared_ptr<Watcher>& watcher, QuotaKey quota_key) {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (ended_) return StoppingError();
  const QuotaResult result = quotas_.Check(quota_key);
  if (result != QuotaResult::kWithinLimits) {
    return absl::ResourceExhaustedError(
        absl::StrCat(ToText(quota_key, result, quotas_.limits(), "watchers"),
                     " already; retry with backoff, or raise --max_watchers",
                     result == QuotaResult::kCallerFull ? "_per_caller" : ""));
  }
  quotas_.Acquire(quota_key);
  watchers_.emplace(watcher.get(), Entry{watcher, std::move(quota_key)});
  return absl::OkStatus();
}

void Watchers::Unregister(const Watcher& watcher) {
  const std::lock_guard<std::mutex> lock(mutex_);
  const auto found = watchers_.find(&watcher);
  if (found == watchers_.end()) return;
  quotas_.Release(found->second.quota_key);
  watchers_.erase(found);
}

size_t Watchers::count() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return watchers_.size();
}

void Watchers::CancelAll() {
  std::vector<std::shared_ptr<Watcher>> open;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    ended_ = true;
    for (const auto& [key, entry] : watchers_) open.push_back(entry.watcher.lock());
  }
  for (const auto& watcher : open) {
    if (watcher != nullptr) watcher->End();
  }
}

}  // namespace ccplace
