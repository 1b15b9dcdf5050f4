// Free keys that starts under way are about to take.
#ifndef CCPLACE_LIB_LIFECYCLE_KEY_CLAIMS_H_
#define CCPLACE_LIB_LIFECYCLE_KEY_CLAIMS_H_

#include <cstdint>
#include <memory>
#include <mutex>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "ccplace/v1/inventory.pb.h"
#include "lib/capability/monitor/host_state.h"

namespace ccplace {

// A count of free keys is as old as its reading: two starts could each see the last one, and take a
// key that --tdx_reserved_keys or --tdx_guest_limit holds back. Each start claims one until a count
// shows its guest. Thread-safe.
class KeyClaims {
 public:
  // One start's claim, given up when the last copy is destroyed. May outlive the KeyClaims.
  using Held = std::shared_ptr<const void>;

  // RESOURCE_EXHAUSTED: with reasons::kNoFreeKey when `state` says that no key is free, with
  // reasons::kStartsBusy when other starts have claimed as many. Where it is not known how many
  // are free, there is a claim for everybody.
  absl::StatusOr<Held> Take(const HostState& state);

 private:
  struct Taken {
    std::mutex mutex;
    uint64_t claims = 0;
  };
  const std::shared_ptr<Taken> taken_ = std::make_shared<Taken>();
};

// The first of Take's errors, by `keys`; OK when they do not say so.
[[nodiscard]] absl::Status CheckFreeKey(const v1::KeyInventory& keys);

}  // namespace ccplace

#endif  // CCPLACE_LIB_LIFECYCLE_KEY_CLAIMS_H_
