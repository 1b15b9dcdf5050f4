#include "server/rpc/watchers.h"

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "server/rpc/grpc_status.h"

namespace ccplace {

Watchers::Watchers(PlaceLimits limits) : places_(limits) {}

absl::Status Watchers::Enter(const std::shared_ptr<Watcher>& watcher, PlaceHolder holder) {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (ended_) return StoppingError();
  const Room room = places_.RoomFor(holder);
  if (room != Room::kFree) {
    return absl::ResourceExhaustedError(
        absl::StrCat(ToText(holder, room, places_.limits(), "watchers"),
                     " already; retry with backoff, or raise --max_watchers",
                     room == Room::kCallerFull ? "_per_caller" : ""));
  }
  places_.Take(holder);
  watchers_.emplace(watcher.get(), Entry{watcher, std::move(holder)});
  return absl::OkStatus();
}

void Watchers::Leave(const Watcher& watcher) {
  const std::lock_guard<std::mutex> lock(mutex_);
  const auto found = watchers_.find(&watcher);
  if (found == watchers_.end()) return;
  places_.Give(found->second.holder);
  watchers_.erase(found);
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
    for (const auto& [key, entry] : watchers_) open.push_back(entry.watcher.lock());
  }
  for (const auto& watcher : open) {
    if (watcher != nullptr) watcher->End();
  }
}

}  // namespace ccplace
