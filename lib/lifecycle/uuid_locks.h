// One writer at a time for one domain.
#ifndef CCPLACE_LIB_LIFECYCLE_UUID_LOCKS_H_
#define CCPLACE_LIB_LIFECYCLE_UUID_LOCKS_H_

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_set>

#include "absl/status/statusor.h"

namespace ccplace {

// Locks by UUID. Thread-safe. Must outlive every lock it gave.
class UuidLocks {
 public:
  struct Release {
    std::string uuid;
    void operator()(UuidLocks* locks) const { locks->Unlock(uuid); }
  };
  // Holds one UUID until destroyed.
  using Held = std::unique_ptr<UuidLocks, Release>;

  // Waits for nothing: DEADLINE_EXCEEDED when `uuid` is not free.
  absl::StatusOr<Held> TryLock(const std::string& uuid) {
    return Lock(uuid, std::chrono::steady_clock::time_point());
  }
  // Waits for `uuid` to be free. DEADLINE_EXCEEDED when it is not by `deadline`.
  absl::StatusOr<Held> Lock(const std::string& uuid,
                            std::chrono::steady_clock::time_point deadline);

 private:
  void Unlock(const std::string& uuid);

  std::mutex mutex_;
  std::condition_variable freed_;
  std::unordered_set<std::string> held_;
};

}  // namespace ccplace

#endif  // CCPLACE_LIB_LIFECYCLE_UUID_LOCKS_H_
