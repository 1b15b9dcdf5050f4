#include "server/watchers.h"

#include <vector>

#include "absl/strings/str_cat.h"

namespace ccplace {

Watchers::Watchers(size_t limit) : limit_(limit) {}

absl::Status Watchers::Enter(const std::shared_ptr<Watcher>& watcher) {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (ended_) return absl::UnavailableError("the daemon is stopping; connect again with backoff");
  if (watchers_.size() >= limit_) {
    return absl::ResourceExhaustedError(absl::StrCat(
        "there are ", limit_, " watchers already; retry with backoff, or raise --max_watchers"));
  }
  watchers_.emplace(watcher.get(), watcher);
  return absl::OkStatus();
}

void Watchers::Leave(const Watcher& watcher) {
  const std::lock_guard<std::mutex> lock(mutex_);
  watchers_.erase(&watcher);
}

size_t Watchers::count() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return watchers_.size();
}

void Watchers::EndAll() {
  std::vector<std::shared_ptr<Watcher>> open;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    ended_ = true;
    for (const auto& [key, watcher] : watchers_) open.push_back(watcher.lock());
  }
  for (const auto& watcher : open) {
    if (watcher != nullptr) watcher->End();
  }
}

}  // namespace ccplace
