#include "client/host_watcher.h"

#include <thread>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/unit/client/fake_host.h"

namespace ccplace {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr std::chrono::milliseconds kFirst{10};
constexpr std::chrono::milliseconds kMost{50};

std::unique_ptr<HostClient> WatchingClientOf(const FakeHost& host) {
  ClientOptions options;
  options.address = host.address();
  return *HostClient::Create(options);
}

TEST(HostWatcherTest, GivesStatesUntilToldEnough) {
  FakeHost host;
  const auto client = WatchingClientOf(host);
  HostWatcher watcher(client.get(), Backoff(kFirst, kMost, 1));
  std::vector<std::string> names;
  HostWatcher::Events events;
  events.on_state = [&](const v1::WatchHostResponse& state) {
    names.push_back(state.capabilities().node_name());
    host.Change([](v1::HostCapabilities& now) { now.set_node_name("node-2"); });
    return names.size() < 2;
  };
  EXPECT_TRUE(watcher.Run(events).ok());
  EXPECT_THAT(names, ElementsAre("node-1", "node-2"));
}

TEST(HostWatcherTest, ConnectsAgainWhenTheStreamBreaks) {
  FakeHost host;
  const auto client = WatchingClientOf(host);
  HostWatcher watcher(client.get(), Backoff(kFirst, kMost, 1));
  int states = 0;
  std::vector<std::string> losses;
  HostWatcher::Events events;
  events.on_state = [&](const v1::WatchHostResponse&) {
    if (++states < 3) host.BreakStreams();
    return states < 3;
  };
  events.on_lost = [&](const absl::Status& why, std::chrono::milliseconds wait) {
    EXPECT_LE(wait, kMost);
    losses.emplace_back(why.message());
  };
  EXPECT_TRUE(watcher.Run(events).ok());
  EXPECT_EQ(states, 3);
  EXPECT_THAT(losses, ElementsAre("ccplaced is stopping", "ccplaced is stopping"));
}

TEST(HostWatcherTest, WaitsForAServerThatIsNotThereYet) {
  FakeHost host;
  host.Stop();
  const auto client = WatchingClientOf(host);
  HostWatcher watcher(client.get(), Backoff(kFirst, kMost, 1));
  int losses = 0;
  HostWatcher::Events events;
  events.on_state = [](const v1::WatchHostResponse&) { return false; };
  events.on_lost = [&](const absl::Status& why, std::chrono::milliseconds) {
    EXPECT_THAT(std::string(why.message()), HasSubstr("cannot reach"));
    if (++losses == 2) host.Serve();
  };
  EXPECT_TRUE(watcher.Run(events).ok());
  EXPECT_GE(losses, 2);
}

TEST(HostWatcherTest, EndsOnARefusalThatNoRetryRepairs) {
  FakeHost host;
  host.FailWith(grpc::Status(grpc::StatusCode::PERMISSION_DENIED, "readers only"));
  const auto client = WatchingClientOf(host);
  HostWatcher watcher(client.get(), Backoff(kFirst, kMost, 1));
  HostWatcher::Events events;
  events.on_state = [](const v1::WatchHostResponse&) { return true; };
  EXPECT_EQ(watcher.Run(events), absl::PermissionDeniedError("readers only"));
}

TEST(HostWatcherTest, StopEndsAStreamFromAnotherThread) {
  FakeHost host;
  const auto client = WatchingClientOf(host);
  HostWatcher watcher(client.get(), Backoff(kFirst, kMost, 1));
  std::thread stopper([&] {
    EXPECT_TRUE(host.WaitForWatcher());
    watcher.Stop();
  });
  HostWatcher::Events events;
  events.on_state = [](const v1::WatchHostResponse&) { return true; };
  EXPECT_TRUE(watcher.Run(events).ok());
  stopper.join();
}

TEST(HostWatcherTest, StopEndsALongWait) {
  FakeHost host;
  host.Stop();
  const auto client = WatchingClientOf(host);
  HostWatcher watcher(client.get(),
                      Backoff(std::chrono::seconds(600), std::chrono::seconds(600), 1));
  std::thread stopper;
  HostWatcher::Events events;
  events.on_state = [](const v1::WatchHostResponse&) { return true; };
  events.on_lost = [&](const absl::Status&, std::chrono::milliseconds) {
    stopper = std::thread([&] { watcher.Stop(); });
  };
  EXPECT_TRUE(watcher.Run(events).ok());
  stopper.join();
}

TEST(HostWatcherTest, RunAfterStopEndsAtOnce) {
  FakeHost host;
  const auto client = WatchingClientOf(host);
  HostWatcher watcher(client.get(), Backoff(kFirst, kMost, 1));
  watcher.Stop();
  HostWatcher::Events events;
  events.on_state = [](const v1::WatchHostResponse&) { return true; };
  EXPECT_TRUE(watcher.Run(events).ok());
}

}  // namespace
}  // namespace ccplace
