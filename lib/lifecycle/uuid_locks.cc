#include "lib/lifecycle/uuid_locks.h"

#include "absl/strings/str_cat.h"

namespace ccplace {

absl::StatusOr<UuidLocks::Held> UuidLocks::Lock(const std::string& uuid,
                                                std::chrono::steady_clock::time_point deadline) {
  std::unique_lock<std::mutex> lock(mutex_);
  if (!freed_.wait_until(lock, deadline, [&] { return held_.count(uuid) == 0; })) {
    return absl::DeadlineExceededError(absl::StrCat(
        "another call for domain ", uuid, " is still under way; repeat the same request"));
  }
  held_.insert(uuid);
  return Held(this, {uuid});
}

void UuidLocks::Unlock(const std::string& uuid) {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    held_.erase(uuid);
  }
  freed_.notify_all();
}

}  // namespace ccplace
