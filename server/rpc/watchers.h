// The open WatchHost streams: how many, and how they end when the daemon stops.
#ifndef CCPLACE_SERVER_RPC_WATCHERS_H_
#define CCPLACE_SERVER_RPC_WATCHERS_H_

#include <cstddef>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <vector>

#include "absl/status/status.h"
#include "server/common/concurrency_quota.h"

namespace ccplace {

// A stream that can be ended. Both may be called from any thread, more than once.
class Watcher {
 public:
  virtual ~Watcher() = default;
  virtual void End() = 0;
  // Ends if its caller may watch no more.
  virtual void Recheck() = 0;
};

// Thread-safe.
class Watchers {
 public:
  // At most as many at one time as `limits` say.
  explicit Watchers(QuotaLimits limits);

  // RESOURCE_EXHAUSTED when there is no room for one more of `quota_key`; UNAVAILABLE after
  // CancelAll. A watcher that entered must leave before it is destroyed.
  [[nodiscard]] absl::Status Register(const std::shared_ptr<Watcher>& watcher, QuotaKey quota_key);
  void Unregister(const Watcher& watcher);

  // How many there are now.
  size_t count() const;

  // Ends every stream; there will be no new ones.
  void CancelAll();

  // Ends the streams whose callers may watch no more.
  void RecheckAll();

 private:
  struct Entry {
    std::weak_ptr<Watcher> watcher;
    QuotaKey quota_key;
  };

  // Those that are open; call with mutex_ held, and use what it returns without.
  std::vector<std::shared_ptr<Watcher>> Open() const;

  mutable std::mutex mutex_;
  bool ended_ = false;
  ConcurrencyQuota quotas_;
  std::unordered_map<const Watcher*, Entry> watchers_;
};

}  // namespace ccplace

#endif  // CCPLACE_SERVER_RPC_WATCHERS_H_
