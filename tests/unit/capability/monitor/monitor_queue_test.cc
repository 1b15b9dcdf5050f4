#include "lib/capability/monitor/monitor_queue.h"

#include "gtest/gtest.h"

namespace ccplace {
namespace {

using std::chrono::seconds;
using std::chrono::steady_clock;

// As many callers as `held` is shared by, but for its owner.
MonitorQueue::Done HolderOf(const std::shared_ptr<int>& held) {
  return [held](const absl::Status&) {};
}

// Nobody collects: the one thread hangs in a file system.
TEST(MonitorQueueTest, KeepsNothingOfCallersWhoseDeadlineHasPassed) {
  MonitorQueue queue;
  const auto held = std::make_shared<int>();
  const auto past = steady_clock::now() - seconds(1);
  for (int i = 0; i < 100; ++i) {
    MonitorQueue::NewDomain defined{{}, past, HolderOf(held)};
    ASSERT_TRUE(queue.Add(defined).ok());
    for (const bool everything : {true, false}) {
      MonitorQueue::Done done = HolderOf(held);
      ASSERT_TRUE(queue.AddWaiter(past, everything, done, /*limit=*/2).ok());
    }
  }
  EXPECT_LT(held.use_count(), 1 + 3);
}

TEST(MonitorQueueTest, WhatWasDefinedByWhoGaveUpIsAnEvent) {
  MonitorQueue queue;
  MonitorQueue::NewDomain defined{{}, steady_clock::now() - seconds(1), [](const absl::Status&) {}};
  ASSERT_TRUE(queue.Add(defined).ok());
  const MonitorQueue::PendingEvents pending = queue.Collect(steady_clock::now() + seconds(10));
  EXPECT_TRUE(pending.defined.empty());
  EXPECT_TRUE(pending.event);
}

}  // namespace
}  // namespace ccplace
