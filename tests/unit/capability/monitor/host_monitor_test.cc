#include "lib/capability/monitor/host_monitor.h"

#include <atomic>
#include <chrono>
#include <future>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/clock_fake.h"
#include "tests/unit/capability/monitor/monitored_host.h"

namespace ccplace {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;
using testing::HasSubstr;

// The status of a Refresh that is under way.
std::future<absl::Status> StartRefresh(HostMonitor& monitor, milliseconds within) {
  auto answer = std::make_shared<std::promise<absl::Status>>();
  monitor.Refresh(steady_clock::now() + within,
                  [answer](absl::Status status) { answer->set_value(std::move(status)); });
  return answer->get_future();
}

TEST(HostMonitorTest, WhatLibvirtHasNotSaidYetIsUnknownAndStale) {
  MonitoredHost host(MonitoredHost::QuickOptions(), MonitoredHost::Libvirt::kStalled);
  EXPECT_TRUE(
      MonitoredHost::Eventually([&] { return host.Said() == "firmware 1 kernel 1 libvirt ?"; }));
  const v1::Freshness freshness = LatestFacts(host.monitor()).freshness();
  EXPECT_TRUE(freshness.hypervisor().stale());
  EXPECT_FALSE(freshness.hypervisor().has_read_at());
  EXPECT_FALSE(freshness.host_files().stale());
  EXPECT_GE(freshness.revision(), 1u);
}

TEST(HostMonitorTest, StartsWithoutLibvirtAndTakesItUpWhenItComes) {
  MonitoredHost host(MonitoredHost::QuickOptions(), MonitoredHost::Libvirt::kGone);
  EXPECT_TRUE(host.Refresh().ok());
  EXPECT_EQ(host.Said(), "firmware 1 kernel 1 libvirt ?");
  EXPECT_THAT(host.monitor().FreshnessNow().hypervisor().reason(), HasSubstr("disconnected"));
  host.hypervisor().Reconnect();
  EXPECT_TRUE(
      MonitoredHost::Eventually([&] { return host.Said() == "firmware 1 kernel 1 libvirt 0"; }));
  EXPECT_FALSE(host.monitor().FreshnessNow().stale());
}

TEST(HostMonitorTest, BeforeTheFirstReadingTheFactsSayWhyThereIsNone) {
  const MonitoredHost stalled(MonitoredHost::QuickOptions(), MonitoredHost::Libvirt::kStalled);
  EXPECT_THAT(stalled.WhyUnknown(), HasSubstr("not read yet"));
  MonitoredHost host(MonitoredHost::QuickOptions(), MonitoredHost::Libvirt::kGone);
  EXPECT_TRUE(host.Refresh().ok());
  EXPECT_THAT(host.WhyUnknown(), HasSubstr("disconnected"));
}

TEST(HostMonitorTest, AStalledLibvirtIsWhyThereIsNoFirstReading) {
  HostMonitorOptions options = MonitoredHost::QuickOptions();
  options.read_timeout = milliseconds(20);
  MonitoredHost host(options, MonitoredHost::Libvirt::kStalled);
  EXPECT_TRUE(MonitoredHost::Eventually(
      [&] { return host.WhyUnknown().find("DEADLINE_EXCEEDED") != std::string::npos; }));
}

TEST(HostMonitorTest, ARefreshReadsEverythingAnew) {
  MonitoredHost host;
  ASSERT_TRUE(host.Refresh().ok());
  EXPECT_EQ(host.Said(), "firmware 1 kernel 1 libvirt 0");
  host.SetFirmware(2);
  host.SetKernel(7);
  host.DefineDomain(1);
  ASSERT_TRUE(host.Refresh().ok());
  EXPECT_EQ(host.Said(), "firmware 2 kernel 7 libvirt 1");
  EXPECT_FALSE(host.monitor().FreshnessNow().stale());
}

TEST(HostMonitorTest, ARefreshOfDomainsReadsWhatAWriteCanHaveChanged) {
  MonitoredHost host;
  ASSERT_TRUE(host.Refresh().ok());
  const int before = host.full_readings();
  host.SetFirmware(2);
  host.SetKernel(7);
  host.DefineDomain(1);
  ASSERT_TRUE(host.RefreshDomains().ok());
  EXPECT_EQ(host.Said(), "firmware 1 kernel 7 libvirt 1");
  EXPECT_EQ(host.full_readings(), before);
}

// What follows a write: the domains are read again, or the one that was made is added.
enum class Follow { kRefresh, kAdd };

class AfterAWriteTest : public testing::TestWithParam<Follow> {
 protected:
  static absl::Status FollowOn(MonitoredHost& host) {
    return GetParam() == Follow::kAdd ? host.AddDomain() : host.RefreshDomains();
  }
};

INSTANTIATE_TEST_SUITE_P(Both, AfterAWriteTest, testing::Values(Follow::kRefresh, Follow::kAdd),
                         [](const auto& follow) {
                           return follow.param == Follow::kAdd ? "Add" : "Refresh";
                         });

TEST_P(AfterAWriteTest, NoFactBecomesYounger) {
  ClockFake clock;
  MonitoredHost host(MonitoredHost::QuickOptions(), MonitoredHost::Libvirt::kAnswers, clock);
  ASSERT_TRUE(host.Refresh().ok());
  clock.Advance(seconds(5));
  ASSERT_TRUE(FollowOn(host).ok());
  const v1::Freshness freshness = host.monitor().FreshnessNow();
  EXPECT_GE(freshness.hypervisor().age_ms(), 5000u);
  EXPECT_GE(freshness.host_files().age_ms(), 5000u);
}

TEST(HostMonitorTest, NoFactOfFilesIsOlderThanItIsSaidToBe) {
  ClockFake clock;
  MonitoredHost host(MonitoredHost::QuickOptions(), MonitoredHost::Libvirt::kAnswers, clock);
  ASSERT_TRUE(host.Refresh().ok());
  clock.Advance(seconds(5));
  host.SetFirmware(2);
  std::atomic<int> too_young{0};
  host.OnBuild([&] {
    const LatestFacts latest(host.monitor());
    const bool old = latest.snapshot()->capabilities.architecture() == "1";
    too_young += old && latest.freshness().host_files().age_ms() < 5000 ? 1 : 0;
  });
  ASSERT_TRUE(host.Refresh().ok());
  host.OnBuild(nullptr);
  EXPECT_EQ(host.Said(), "firmware 2 kernel 1 libvirt 0");
  EXPECT_EQ(too_young, 0);
}

TEST(HostMonitorTest, AnAddedDomainShowsWithoutAReading) {
  MonitoredHost host;
  ASSERT_TRUE(host.Refresh().ok());
  const int before = host.readings();
  const uint64_t revision = host.monitor().Current()->revision;
  ASSERT_TRUE(host.AddDomain().ok());
  EXPECT_EQ(host.Said(), "firmware 1 kernel 1 libvirt 1");
  EXPECT_EQ(host.monitor().Current()->revision, revision + 1);
  EXPECT_EQ(host.readings(), before);
}

TEST(HostMonitorTest, AReadingThatBeganBeforeDoesNotLoseAnAddedDomain) {
  MonitoredHost host;
  ASSERT_TRUE(host.Refresh().ok());
  host.hypervisor().Stall();
  const int full = host.full_readings();
  std::promise<absl::Status> refreshed;
  host.monitor().Refresh(std::chrono::steady_clock::now() + seconds(10),
                         [&](absl::Status status) { refreshed.set_value(std::move(status)); });
  ASSERT_TRUE(MonitoredHost::Eventually([&] { return host.full_readings() > full; }));
  ASSERT_TRUE(host.AddDomain().ok());
  host.hypervisor().Resume();
  ASSERT_TRUE(refreshed.get_future().get().ok());
  EXPECT_EQ(host.Said(), "firmware 1 kernel 1 libvirt 1");
  // The next one begins after it, and libvirt knows best.
  ASSERT_TRUE(host.RefreshDomains().ok());
  EXPECT_EQ(host.Said(), "firmware 1 kernel 1 libvirt 0");
}

TEST_P(AfterAWriteTest, DomainsAloneAreNotEnoughAfterALoss) {
  HostMonitorOptions options = MonitoredHost::QuickOptions();
  options.first_retry = milliseconds(60000);
  MonitoredHost host(options);
  ASSERT_TRUE(host.Refresh().ok());
  host.hypervisor().Disconnect();
  ASSERT_TRUE(MonitoredHost::Eventually([&] { return host.monitor().FreshnessNow().stale(); }));
  host.hypervisor().Reconnect();
  const int before = host.full_readings();
  ASSERT_TRUE(FollowOn(host).ok());
  EXPECT_GT(host.full_readings(), before);
  EXPECT_FALSE(host.monitor().FreshnessNow().stale());
}

TEST(HostMonitorTest, AChangeInTheKernelIsSeenWithoutARefresh) {
  MonitoredHost host;
  ASSERT_TRUE(host.Refresh().ok());
  const uint64_t before = host.monitor().Current()->revision;
  host.SetKernel(9);
  EXPECT_TRUE(
      MonitoredHost::Eventually([&] { return host.Said() == "firmware 1 kernel 9 libvirt 0"; }));
  EXPECT_EQ(host.monitor().Current()->revision, before + 1);
}

TEST(HostMonitorTest, ADomainEventLeadsToAReading) {
  MonitoredHost host;
  ASSERT_TRUE(host.Refresh().ok());
  host.DefineDomain(1);
  EXPECT_TRUE(
      MonitoredHost::Eventually([&] { return host.Said() == "firmware 1 kernel 1 libvirt 1"; }));
}

TEST(HostMonitorTest, ABurstOfEventsLeadsToFewReadings) {
  HostMonitorOptions options = MonitoredHost::QuickOptions();
  options.event_gap = milliseconds(50);
  MonitoredHost host(options);
  ASSERT_TRUE(host.Refresh().ok());
  const auto began = steady_clock::now();
  const int before = host.readings();
  for (int i = 0; i < 500; ++i) host.DefineDomain(i);
  EXPECT_TRUE(
      MonitoredHost::Eventually([&] { return host.Said() == "firmware 1 kernel 1 libvirt 500"; }));
  // One for each gap that went by, and one.
  EXPECT_LE(host.readings() - before, (steady_clock::now() - began) / options.event_gap + 1);
}

TEST(HostMonitorTest, NothingNewIsNoNewSnapshot) {
  MonitoredHost host;
  ASSERT_TRUE(host.Refresh().ok());
  const auto before = host.monitor().Current();
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(host.Refresh().ok());
  EXPECT_EQ(host.monitor().Current(), before);
}

TEST(HostMonitorTest, ReadsLibvirtAnewAfterEachInterval) {
  HostMonitorOptions options = MonitoredHost::QuickOptions();
  options.refresh_interval = milliseconds(20);
  MonitoredHost host(options);
  EXPECT_TRUE(MonitoredHost::Eventually([&] { return host.readings() >= 5; }));
}

TEST(HostMonitorTest, AStuckLibvirtNeverDelaysWhatFilesSay) {
  HostMonitorOptions options = MonitoredHost::QuickOptions();
  options.read_timeout = milliseconds(30);
  MonitoredHost host(options);
  ASSERT_TRUE(host.Refresh().ok());
  host.hypervisor().Stall();
  std::future<absl::Status> refresh = StartRefresh(host.monitor(), milliseconds(100));
  host.SetKernel(2);
  EXPECT_TRUE(
      MonitoredHost::Eventually([&] { return host.Said() == "firmware 1 kernel 2 libvirt 0"; }));
  EXPECT_TRUE(MonitoredHost::Eventually(
      [&] { return host.monitor().FreshnessNow().hypervisor().stale(); }));
  EXPECT_THAT(host.monitor().FreshnessNow().hypervisor().reason(), HasSubstr("deadline"));
  EXPECT_FALSE(host.monitor().FreshnessNow().host_files().stale());
  EXPECT_TRUE(host.monitor().FreshnessNow().stale());
  EXPECT_TRUE(absl::IsDeadlineExceeded(refresh.get()));
}

TEST(HostMonitorTest, AStuckReadingIsNotPiledUpon) {
  HostMonitorOptions options = MonitoredHost::QuickOptions();
  options.read_timeout = milliseconds(10);
  MonitoredHost host(options);
  ASSERT_TRUE(host.Refresh().ok());
  const int before = host.readings();
  host.hypervisor().Stall();
  std::vector<std::future<absl::Status>> refreshes;
  for (int i = 0; i < 20; ++i) {
    refreshes.push_back(StartRefresh(host.monitor(), milliseconds(50)));
    std::this_thread::sleep_for(milliseconds(5));
  }
  for (auto& refresh : refreshes) EXPECT_TRUE(absl::IsDeadlineExceeded(refresh.get()));
  EXPECT_EQ(host.readings(), before + 1);
  EXPECT_EQ(host.pool().running(), 1u);
  EXPECT_EQ(host.pool().queued(), 0u);
  host.hypervisor().Resume();
  EXPECT_TRUE(host.Refresh().ok());
  EXPECT_EQ(host.most_at_once(), 1);
}

// Has the host's monitor hang until `back` is given a value; returns once it does.
void Hang(MonitoredHost& host, std::promise<void>& back) {
  std::promise<void> hung;
  host.OnBuild([&hung, until = back.get_future().share(), begun = false]() mutable {
    if (!std::exchange(begun, true)) hung.set_value();
    until.wait();
  });
  hung.get_future().wait();
}

TEST(HostMonitorTest, AFileSystemThatHangsHoldsUpNobodyPastTheDeadline) {
  MonitoredHost host;
  ASSERT_TRUE(host.Refresh().ok());
  std::promise<void> back;
  Hang(host, back);
  const auto soon = steady_clock::now() + milliseconds(50);
  std::promise<absl::Status> added;
  host.monitor().AddDomain({}, soon, [&added](absl::Status status) { added.set_value(status); });
  std::future<absl::Status> ends[] = {StartRefresh(host.monitor(), milliseconds(50)),
                                      added.get_future()};
  for (auto& end : ends) EXPECT_EQ(end.wait_for(seconds(10)), std::future_status::ready);
  back.set_value();
  for (auto& end : ends) EXPECT_TRUE(absl::IsDeadlineExceeded(end.get()));
  host.OnBuild(nullptr);
  ASSERT_TRUE(host.Refresh().ok());
}

TEST(HostMonitorTest, AStopSaysWhetherAFileSystemHoldsItUp) {
  MonitoredHost host;
  std::promise<void> back;
  Hang(host, back);
  EXPECT_FALSE(host.monitor().Stop(steady_clock::now() + milliseconds(10)));
  back.set_value();
  EXPECT_TRUE(host.monitor().Stop(steady_clock::now() + seconds(10)));
  EXPECT_TRUE(absl::IsUnavailable(host.Refresh()));
}

TEST(HostMonitorTest, AReadingThatComesBackLateIsUsed) {
  HostMonitorOptions options = MonitoredHost::QuickOptions();
  options.read_timeout = milliseconds(10);
  MonitoredHost host(options, MonitoredHost::Libvirt::kStalled);
  EXPECT_TRUE(MonitoredHost::Eventually([&] {
    return host.monitor().FreshnessNow().hypervisor().reason().find("deadline") !=
           std::string::npos;
  }));
  host.hypervisor().Resume();
  EXPECT_TRUE(MonitoredHost::Eventually([&] { return !host.monitor().FreshnessNow().stale(); }));
  EXPECT_EQ(host.Said(), "firmware 1 kernel 1 libvirt 0");
  EXPECT_EQ(host.readings(), 1);
}

TEST(HostMonitorTest, WhatALostLibvirtSaidStaysAndIsMarkedStale) {
  MonitoredHost host;
  host.DefineDomain(1);
  ASSERT_TRUE(host.Refresh().ok());
  host.hypervisor().Disconnect();
  EXPECT_TRUE(MonitoredHost::Eventually(
      [&] { return host.monitor().FreshnessNow().hypervisor().stale(); }));
  EXPECT_TRUE(host.Refresh().ok());
  EXPECT_EQ(host.Said(), "firmware 1 kernel 1 libvirt 1");
  EXPECT_TRUE(host.monitor().FreshnessNow().hypervisor().has_read_at());
  host.SetKernel(2);
  EXPECT_TRUE(
      MonitoredHost::Eventually([&] { return host.Said() == "firmware 1 kernel 2 libvirt 1"; }));
}

TEST(HostMonitorTest, ComesBackToALostLibvirtByItself) {
  MonitoredHost host;
  ASSERT_TRUE(host.Refresh().ok());
  host.hypervisor().Disconnect();
  EXPECT_TRUE(MonitoredHost::Eventually([&] { return host.monitor().FreshnessNow().stale(); }));
  host.hypervisor().Reconnect();
  EXPECT_TRUE(MonitoredHost::Eventually([&] { return !host.monitor().FreshnessNow().stale(); }));
}

TEST(HostMonitorTest, CallersOfRefreshShareReadings) {
  MonitoredHost host(MonitoredHost::QuickOptions(), MonitoredHost::Libvirt::kStalled);
  std::vector<std::future<absl::Status>> refreshes;
  for (int i = 0; i < 100; ++i) refreshes.push_back(StartRefresh(host.monitor(), seconds(10)));
  host.hypervisor().Resume();
  for (auto& refresh : refreshes) EXPECT_TRUE(refresh.get().ok());
  // The one that was stuck began before most of them asked, so one more follows.
  EXPECT_LE(host.readings(), 3);
}

TEST(HostMonitorTest, ARefreshIsNotAnsweredByAReadingThatBeganBeforeIt) {
  MonitoredHost host(MonitoredHost::QuickOptions(), MonitoredHost::Libvirt::kStalled);
  ASSERT_TRUE(MonitoredHost::Eventually([&] { return host.readings() == 1; }));
  std::future<absl::Status> refresh = StartRefresh(host.monitor(), seconds(10));
  host.hypervisor().Resume();
  EXPECT_TRUE(refresh.get().ok());
  EXPECT_EQ(host.readings(), 2);
}

TEST(HostMonitorTest, TooManyCallersOfRefreshAreRefused) {
  HostMonitorOptions options = MonitoredHost::QuickOptions();
  options.refresh_limit = 2;
  MonitoredHost host(options, MonitoredHost::Libvirt::kStalled);
  auto first = StartRefresh(host.monitor(), seconds(10));
  auto second = StartRefresh(host.monitor(), seconds(10));
  EXPECT_TRUE(absl::IsResourceExhausted(StartRefresh(host.monitor(), seconds(10)).get()));
  host.hypervisor().Resume();
  EXPECT_TRUE(first.get().ok());
  EXPECT_TRUE(second.get().ok());
}

TEST(HostMonitorTest, WhatFollowsAWriteIsNotRefusedForCallersOfRefresh) {
  HostMonitorOptions options = MonitoredHost::QuickOptions();
  options.refresh_limit = 1;
  MonitoredHost host(options, MonitoredHost::Libvirt::kStalled);
  auto first = StartRefresh(host.monitor(), seconds(10));
  EXPECT_TRUE(absl::IsResourceExhausted(StartRefresh(host.monitor(), seconds(10)).get()));
  auto answer = std::make_shared<std::promise<absl::Status>>();
  host.monitor().RefreshDomains(steady_clock::now() + seconds(10), [answer](absl::Status status) {
    answer->set_value(std::move(status));
  });
  host.hypervisor().Resume();
  EXPECT_TRUE(first.get().ok());
  EXPECT_TRUE(answer->get_future().get().ok());
}

TEST(HostMonitorTest, ARefreshThatFollowsAnotherLeavesLibvirtAlonePastTheGap) {
  HostMonitorOptions options = MonitoredHost::QuickOptions();
  options.refresh_gap = seconds(60);
  MonitoredHost host(options);
  ASSERT_TRUE(host.Refresh().ok());
  const int before = host.full_readings();
  auto waiting = StartRefresh(host.monitor(), seconds(60));
  // What follows a write is read at once, and no more than that.
  host.DefineDomain(1);
  EXPECT_TRUE(host.RefreshDomains().ok());
  EXPECT_EQ(host.Said(), "firmware 1 kernel 1 libvirt 1");
  EXPECT_EQ(host.full_readings(), before);
  EXPECT_EQ(waiting.wait_for(milliseconds(0)), std::future_status::timeout);
}

TEST(HostMonitorTest, CallersOfRefreshGatherInTheGapForOneReading) {
  HostMonitorOptions options = MonitoredHost::QuickOptions();
  options.refresh_gap = seconds(1);
  MonitoredHost host(options);
  ASSERT_TRUE(host.Refresh().ok());
  const auto began = steady_clock::now();
  const int before = host.full_readings();
  std::vector<std::future<absl::Status>> refreshes;
  for (int i = 0; i < 100; ++i) refreshes.push_back(StartRefresh(host.monitor(), seconds(30)));
  for (auto& refresh : refreshes) EXPECT_TRUE(refresh.get().ok());
  // One for each gap that went by, and one.
  EXPECT_LE(host.full_readings() - before, (steady_clock::now() - began) / seconds(1) + 1);
}

TEST(HostMonitorTest, AFullQueueToLibvirtIsSaidToWhoAsksForARefresh) {
  MonitoredHost host;
  ASSERT_TRUE(host.Refresh().ok());
  std::promise<void> opened;
  const std::shared_future<void> gate = opened.get_future().share();
  const auto waiting = std::make_shared<std::atomic<size_t>>(0);
  const auto add = [&] {
    host.pool().Run(
        steady_clock::now() + seconds(60),
        [gate, waiting] {
          ++*waiting;
          gate.wait();
          return absl::OkStatus();
        },
        [](const absl::Status&) {});
  };
  // What the monitor read last can still be on its way out of the pool.
  ASSERT_TRUE(MonitoredHost::Eventually([&] {
    add();
    return *waiting == MonitoredHost::kPoolThreads &&
           host.pool().queued() == MonitoredHost::kPoolQueue;
  }));
  EXPECT_TRUE(absl::IsResourceExhausted(host.Refresh()));
  EXPECT_TRUE(host.monitor().FreshnessNow().hypervisor().stale());
  opened.set_value();
  EXPECT_TRUE(MonitoredHost::Eventually([&] { return host.Refresh().ok(); }));
}

TEST(HostMonitorTest, EndsWithoutWaitingForAStuckLibvirt) {
  MonitoredHost host(MonitoredHost::QuickOptions(), MonitoredHost::Libvirt::kStalled);
  ASSERT_TRUE(MonitoredHost::Eventually([&] { return host.readings() == 1; }));
  std::future<absl::Status> refresh = StartRefresh(host.monitor(), seconds(60));
  host.EndMonitor();
  EXPECT_TRUE(absl::IsUnavailable(refresh.get()));
}

TEST(HostMonitorTest, MissedPeriodsAreStaleWhateverTheHostsClockSays) {
  ClockFake clock;
  MonitoredHost host(MonitoredHost::QuickOptions(), MonitoredHost::Libvirt::kAnswers, clock);
  ASSERT_TRUE(host.Refresh().ok());
  clock.JumpWall(seconds(100000));
  EXPECT_FALSE(host.monitor().FreshnessNow().stale());
  clock.Advance(seconds(180));
  EXPECT_TRUE(host.monitor().FreshnessNow().hypervisor().stale());
}

TEST(HostMonitorTest, WatchersHearOfChangesAndOfStaleness) {
  MonitoredHost host;
  ASSERT_TRUE(host.Refresh().ok());
  std::mutex mutex;
  std::vector<std::string> heard;
  const auto handle = host.monitor().Watch([&](const std::shared_ptr<const Snapshot>& snapshot) {
    const bool stale = host.monitor().FreshnessNow().stale();
    const std::lock_guard<std::mutex> lock(mutex);
    heard.push_back(snapshot->capabilities.versions().kernel() + (stale ? " stale" : ""));
  });
  const auto last_is = [&](const std::string& wanted) {
    return MonitoredHost::Eventually([&] {
      const std::lock_guard<std::mutex> lock(mutex);
      return !heard.empty() && heard.back() == wanted;
    });
  };
  EXPECT_TRUE(last_is("1"));
  host.SetKernel(2);
  EXPECT_TRUE(last_is("2"));
  host.hypervisor().Disconnect();
  EXPECT_TRUE(last_is("2 stale"));
  host.hypervisor().Reconnect();
  EXPECT_TRUE(last_is("2"));
}

}  // namespace
}  // namespace ccplace
