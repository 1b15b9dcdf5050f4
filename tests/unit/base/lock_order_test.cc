#include "lib/base/lock_order.h"

#include <gtest/gtest.h>

#include <cstdlib>

#include "absl/synchronization/mutex.h"

namespace ccplace {
namespace {

void TakeBothWays() {
  absl::Mutex first;
  absl::Mutex second;
  {
    const absl::MutexLock outer(&first);
    const absl::MutexLock inner(&second);
  }
  const absl::MutexLock outer(&second);
  const absl::MutexLock inner(&first);
}

TEST(LockOrderTest, EndsNoProcessOnceItIsLeftUnrecorded) {
  EXPECT_EXIT(
      {
        LeaveLockOrderUnrecorded();
        TakeBothWays();
        std::exit(0);
      },
      ::testing::ExitedWithCode(0), "^$");
}

}  // namespace
}  // namespace ccplace
