#include "lib/capability/monitor/watch_hub.h"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <future>
#include <mutex>
#include <vector>

#include "gtest/gtest.h"

namespace ccplace {
namespace {

std::shared_ptr<const Snapshot> Revision(uint64_t revision) {
  auto snapshot = std::make_shared<Snapshot>();
  snapshot->revision = revision;
  return snapshot;
}

// A watcher that remembers revisions.
class Seen {
 public:
  WatchCallback Callback() {
    return [this](const std::shared_ptr<const Snapshot>& snapshot) {
      const std::lock_guard<std::mutex> lock(mutex_);
      revisions_.push_back(snapshot->revision);
      came_.notify_all();
    };
  }
  bool WaitFor(uint64_t revision) {
    std::unique_lock<std::mutex> lock(mutex_);
    return came_.wait_for(lock, std::chrono::seconds(10),
                          [&] { return !revisions_.empty() && revisions_.back() == revision; });
  }
  size_t count() {
    const std::lock_guard<std::mutex> lock(mutex_);
    return revisions_.size();
  }

 private:
  std::mutex mutex_;
  std::condition_variable came_;
  std::vector<uint64_t> revisions_;
};

TEST(WatchHubTest, AWatcherGetsThePresentAndThenEachChange) {
  WatchHub hub(Revision(1));
  Seen seen;
  const auto handle = hub.Watch(seen.Callback());
  EXPECT_TRUE(seen.WaitFor(1));
  hub.Notify(Revision(2));
  EXPECT_TRUE(seen.WaitFor(2));
  EXPECT_EQ(seen.count(), 2u);
}

TEST(WatchHubTest, ASlowWatcherGetsTheLatestAndNoBacklog) {
  WatchHub hub(Revision(1));
  std::promise<void> entered;
  std::promise<void> leave;
  std::atomic<bool> first{true};
  Seen seen;
  const auto handle =
      hub.Watch([&, remember = seen.Callback()](const std::shared_ptr<const Snapshot>& snapshot) {
        if (first.exchange(false)) {
          entered.set_value();
          leave.get_future().wait();
        }
        remember(snapshot);
      });
  entered.get_future().wait();
  for (uint64_t revision = 2; revision <= 100; ++revision) hub.Notify(Revision(revision));
  leave.set_value();
  EXPECT_TRUE(seen.WaitFor(100));
  EXPECT_EQ(seen.count(), 2u);
}

TEST(WatchHubTest, NoCallbackRunsAfterTheHandleIsGone) {
  WatchHub hub(Revision(1));
  for (int round = 0; round < 200; ++round) {
    auto alive = std::make_unique<std::atomic<int>>(0);
    auto handle = hub.Watch([&counter = *alive](const auto&) { ++counter; });
    hub.Notify(Revision(2));
    handle = nullptr;
    alive = nullptr;
  }
}

TEST(WatchHubTest, EndingAWatchWaitsForItsCallback) {
  WatchHub hub(Revision(1));
  std::promise<void> entered;
  std::promise<void> leave;
  std::atomic<bool> left{false};
  auto handle = hub.Watch([&](const auto&) {
    entered.set_value();
    leave.get_future().wait();
    left = true;
  });
  entered.get_future().wait();
  auto ended = std::async(std::launch::async, [&] {
    handle = nullptr;
    return left.load();
  });
  EXPECT_EQ(ended.wait_for(std::chrono::milliseconds(20)), std::future_status::timeout);
  leave.set_value();
  EXPECT_TRUE(ended.get());
}

TEST(WatchHubTest, AWatchCanEndInItsOwnCallback) {
  WatchHub hub(Revision(1));
  std::unique_ptr<WatchHandle> handle;
  std::promise<void> assigned;
  std::promise<void> ended;
  handle = hub.Watch([&](const auto&) {
    assigned.get_future().wait();
    handle = nullptr;
    ended.set_value();
  });
  assigned.set_value();
  EXPECT_EQ(ended.get_future().wait_for(std::chrono::seconds(10)), std::future_status::ready);
  hub.Notify(Revision(2));
}

TEST(WatchHubTest, AWatchMayOutliveTheHub) {
  auto hub = std::make_unique<WatchHub>(Revision(1));
  Seen seen;
  auto handle = hub->Watch(seen.Callback());
  EXPECT_TRUE(seen.WaitFor(1));
  hub = nullptr;
  handle = nullptr;
}

TEST(WatchHubTest, AThousandWatchersAllGetTheLatest) {
  constexpr int kWatchers = 1000;
  WatchHub hub(Revision(1));
  std::mutex mutex;
  std::condition_variable came;
  std::vector<uint64_t> latest(kWatchers, 0);
  std::vector<std::unique_ptr<WatchHandle>> handles;
  int at_the_end = 0;
  for (int i = 0; i < kWatchers; ++i) {
    handles.push_back(hub.Watch([&, i](const std::shared_ptr<const Snapshot>& snapshot) {
      const std::lock_guard<std::mutex> lock(mutex);
      EXPECT_GT(snapshot->revision, latest[i]);
      latest[i] = snapshot->revision;
      at_the_end += snapshot->revision == 50 ? 1 : 0;
      if (at_the_end == kWatchers) came.notify_all();
    }));
  }
  for (uint64_t revision = 2; revision <= 50; ++revision) hub.Notify(Revision(revision));
  std::unique_lock<std::mutex> lock(mutex);
  EXPECT_TRUE(
      came.wait_for(lock, std::chrono::seconds(10), [&] { return at_the_end == kWatchers; }));
}

}  // namespace
}  // namespace ccplace
