#include "lib/base/mutex_deadlock_detection.h"

#include "absl/synchronization/mutex.h"

namespace ccplace {

void DisableMutexDeadlockDetection() {
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
}

}  // namespace ccplace
