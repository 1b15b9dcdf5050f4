#include "lib/capability/monitor_inbox.h"

#include "gtest/gtest.h"

namespace ccplace {
namespace {

using std::chrono::seconds;
using std::chrono::steady_clock;

// As many callers as `held` is shared by, but for its owner.
MonitorInbox::Done HolderOf(const std::shared_ptr<int>& held) {
  return [held](const absl::Status&) {};
}

// Nobody collects: the one thread hangs in a file system.
TEST(MonitorInboxTest, KeepsNothingOfCallersWhoseDeadlineHasPassed) {
  MonitorInbox inbox;
  const auto held = std::make_shared<int>();
  const auto past = steady_clock::now() - seconds(1);
  for (int i = 0; i < 100; ++i) {
    MonitorInbox::Defined defined{{}, past, HolderOf(held)};
    ASSERT_TRUE(inbox.Add(defined).ok());
    for (const bool everything : {true, false}) {
      MonitorInbox::Done done = HolderOf(held);
      ASSERT_TRUE(inbox.Ask(past, everything, done, /*limit=*/2).ok());
    }
  }
  EXPECT_LT(held.use_count(), 1 + 3);
}

TEST(MonitorInboxTest, WhatWasDefinedByWhoGaveUpIsAnEvent) {
  MonitorInbox inbox;
  MonitorInbox::Defined defined{{}, steady_clock::now() - seconds(1), [](const absl::Status&) {}};
  ASSERT_TRUE(inbox.Add(defined).ok());
  const MonitorInbox::Mail mail = inbox.Collect(steady_clock::now() + seconds(10));
  EXPECT_TRUE(mail.defined.empty());
  EXPECT_TRUE(mail.event);
}

}  // namespace
}  // namespace ccplace
