#include "lib/base/lock_order.h"

#include "absl/synchronization/mutex.h"

namespace ccplace {

void LeaveLockOrderUnrecorded() {
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
}

}  // namespace ccplace
