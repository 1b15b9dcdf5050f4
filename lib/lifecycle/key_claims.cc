#include "lib/lifecycle/key_claims.h"

#include "absl/strings/str_cat.h"
#include "lib/base/status.h"
#include "lib/lifecycle/reasons.h"

namespace ccplace {

absl::StatusOr<KeyClaims::Held> KeyClaims::Take(const v1::KeyInventory& keys) {
  const absl::Status free = CheckFreeKey(keys);
  if (!free.ok()) return free;
  const std::lock_guard<std::mutex> lock(mutex_);
  if (keys.free().has_value() && keys.free().value() <= taken_) {
    return WithReason(
        absl::ResourceExhaustedError(absl::StrCat(
            "starts under way have claimed the last TDX keys of this host (", keys.free().value(),
            " free when last counted); repeat the same request "
            "when they have ended, or use another host")),
        reasons::kStartsBusy);
  }
  ++taken_;
  return Held(this);
}

void KeyClaims::GiveUp() {
  const std::lock_guard<std::mutex> lock(mutex_);
  --taken_;
}

absl::Status CheckFreeKey(const v1::KeyInventory& keys) {
  if (!keys.free().has_value() || keys.free().value() > 0) return absl::OkStatus();
  return WithReason(
      absl::ResourceExhaustedError(absl::StrCat(
          "no TDX key is free on this host: ", keys.usable().value(), " usable, ",
          keys.in_use().value(), " in use; use another host, or wait until a guest ends")),
      reasons::kNoFreeKey);
}

}  // namespace ccplace
