// Free keys that starts under way are about to take.
#ifndef CCPLACE_LIB_LIFECYCLE_KEY_CLAIMS_H_
#define CCPLACE_LIB_LIFECYCLE_KEY_CLAIMS_H_

#include <cstdint>
#include <memory>
#include <mutex>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "ccplace/v1/inventory.pb.h"

namespace ccplace {

// A count of free keys is as old as its reading: two starts could each see the last one, and take a
// key that --tdx_reserved_keys or --tdx_guest_limit holds back. Each start claims one for as long
// as it is under way. Thread-safe. Must outlive every claim.
class KeyClaims {
 public:
  struct Release {
    void operator()(KeyClaims* claims) const { claims->GiveUp(); }
  };
  // One start's claim, given up when destroyed.
  using Held = std::unique_ptr<KeyClaims, Release>;

  // RESOURCE_EXHAUSTED: with reasons::kNoFreeKey when `keys` says that none is free, with
  // reasons::kStartsBusy when starts under way have claimed as many. Where it is not known how many
  // are free, there is a claim for everybody.
  absl::StatusOr<Held> Take(const v1::KeyInventory& keys);

 private:
  void GiveUp();

  std::mutex mutex_;
  uint64_t taken_ = 0;
};

// The first of Take's errors; OK when `keys` does not say so.
[[nodiscard]] absl::Status CheckFreeKey(const v1::KeyInventory& keys);

}  // namespace ccplace

#endif  // CCPLACE_LIB_LIFECYCLE_KEY_CLAIMS_H_
