#include "lib/lifecycle/key_claims.h"

#include "absl/strings/str_cat.h"
#include "lib/base/status.h"
#include "lib/lifecycle/reasons.h"

namespace ccplace {

absl::StatusOr<KeyClaims::Held> KeyClaims::Take(const HostState& state) {
  const std::lock_guard<std::mutex> lock(taken_->mutex);
  // Not before: a claim that was given up meanwhile shows in a later count alone.
  const std::shared_ptr<const Snapshot> snapshot = state.Current();
  const v1::KeyInventory& keys = TdxKeys(*snapshot);
  const absl::Status free = CheckFreeKey(keys);
  if (!free.ok()) return free;
  if (keys.free().has_value() && keys.free().value() <= taken_->claims) {
    return WithReason(
        absl::ResourceExhaustedError(absl::StrCat(
            "starts under way have claimed the last TDX keys of this host (", keys.free().value(),
            " free when last counted); repeat the same request "
            "when they have ended, or use another host")),
        reasons::kStartsBusy);
  }
  ++taken_->claims;
  return Held(taken_.get(), [taken = taken_](const void*) {
    const std::lock_guard<std::mutex> own(taken->mutex);
    --taken->claims;
  });
}

absl::Status CheckFreeKey(const v1::KeyInventory& keys) {
  if (!keys.free().has_value() || keys.free().value() > 0) return absl::OkStatus();
  if (!keys.withheld().empty()) {
    return WithReason(
        absl::ResourceExhaustedError(absl::StrCat(
            "this host's TDX keys are withheld: ", keys.withheld(), "; use another host, or wait")),
        reasons::kNoFreeKey);
  }
  return WithReason(
      absl::ResourceExhaustedError(absl::StrCat(
          "no TDX key is free on this host: ", keys.usable().value(), " usable, ",
          keys.in_use().value(), " in use; use another host, or wait until a guest ends")),
      reasons::kNoFreeKey);
}

}  // namespace ccplace
