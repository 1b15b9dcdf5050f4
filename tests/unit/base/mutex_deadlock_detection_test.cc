#include "lib/base/mutex_deadlock_detection.h"

#include <gtest/gtest.h>

#include <cstdlib>

#include "absl/synchronization/mutex.h"

namespace ccplace {
namespace {

// By the one guard that every version of Abseil makes of a pointer without a warning.
void TakeBothWays() {
  absl::Mutex first;
  absl::Mutex second;
  {
    const absl::MutexLockMaybe outer(&first);
    const absl::MutexLockMaybe inner(&second);
  }
  const absl::MutexLockMaybe outer(&second);
  const absl::MutexLockMaybe inner(&first);
}

TEST(LockOrderTest, EndsNoProcessOnceItIsLeftUnrecorded) {
  EXPECT_EXIT(
      {
        DisableMutexDeadlockDetection();
        TakeBothWays();
        std::exit(0);
      },
      ::testing::ExitedWithCode(0), "^$");
}

}  // namespace
}  // namespace ccplace
