#include "server/rpc/watchers.h"

#include <utility>

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

std::vector<std::shared_ptr<Watcher>> Watchers::Open() const {
  std::vector<std::shared_ptr<Watcher>> open;
  for (const auto& [key, entry] : watchers_) {
    if (auto watcher = entry.watcher.lock()) open.push_back(std::move(watcher));
  }
  return open;
}

void Watchers::CancelAll() {
  std::vector<std::shared_ptr<Watcher>> open;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    ended_ = true;
    open = Open();
  }
  for (const auto& watcher : open) watcher->End();
}

void Watchers::RecheckAll() {
  std::vector<std::shared_ptr<Watcher>> open;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    open = Open();
  }
  for (const auto& watcher : open) watcher->Recheck();
}

}  // namespace ccplace
