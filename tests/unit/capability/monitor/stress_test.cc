// Everything of the concurrent core at once, for a few seconds; of most use under the thread
// sanitizer.
#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <thread>
#include <vector>

#include "gtest/gtest.h"
#include "tests/unit/capability/monitor/monitored_host.h"

namespace ccplace {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;

// Does something again and again on a thread, until it is destroyed.
class Repeated {
 public:
  explicit Repeated(const std::function<void()>& step)
      : thread_([this, step] {
          while (!stop_) step();
        }) {}
  ~Repeated() {
    stop_ = true;
    thread_.join();
  }
  Repeated(const Repeated&) = delete;
  Repeated& operator=(const Repeated&) = delete;

 private:
  std::atomic<bool> stop_{false};
  std::thread thread_;
};

struct Counts {
  std::atomic<uint64_t> reads{0};
  std::atomic<uint64_t> backwards{0};
  std::atomic<uint64_t> refreshes_asked{0};
  std::atomic<uint64_t> refreshes_answered{0};
  std::atomic<uint64_t> pieces_run{0};
  std::atomic<uint64_t> pieces_answered{0};
  std::atomic<uint64_t> told{0};
};

void Read(MonitoredHost& host, Counts& counts) {
  thread_local uint64_t last = 0;
  const auto snapshot = host.monitor().Current();
  counts.backwards += snapshot->revision < last ? 1 : 0;
  last = snapshot->revision;
  counts.backwards += LatestFacts(host.monitor()).freshness().revision() < last ? 1 : 0;
  ++counts.reads;
}

void WatchAWhile(MonitoredHost& host, Counts& counts) {
  std::vector<std::unique_ptr<WatchHandle>> handles;
  auto alive = std::make_unique<std::atomic<uint64_t>>(0);
  for (int i = 0; i < 20; ++i) {
    handles.push_back(host.monitor().Watch([&told = *alive](const auto&) { ++told; }));
  }
  std::this_thread::sleep_for(milliseconds(3));
  handles.clear();
  counts.told += *alive;
}

void Refresh(MonitoredHost& host, Counts& counts) {
  counts.refreshes_asked += 3;
  const auto deadline = steady_clock::now() + milliseconds(20);
  const auto done = [&counts](const absl::Status&) { ++counts.refreshes_answered; };
  host.monitor().Refresh(deadline, done);
  host.monitor().RefreshDomains(deadline, done);
  host.monitor().AddDomain({}, deadline, done);
  std::this_thread::sleep_for(milliseconds(1));
}

void UsePool(MonitoredHost& host, Counts& counts) {
  ++counts.pieces_run;
  const auto hypervisor = &host.hypervisor();
  host.pool().Run(
      steady_clock::now() + milliseconds(5),
      [hypervisor] { return hypervisor->Versions().status(); },
      [&counts](const absl::Status&) { ++counts.pieces_answered; });
  std::this_thread::sleep_for(std::chrono::microseconds(200));
}

void Disturb(MonitoredHost& host, int& round) {
  host.SetKernel(++round);
  if (round % 7 == 0) host.hypervisor().Disconnect();
  if (round % 7 == 2) host.hypervisor().Reconnect();
  if (round % 11 == 0) host.hypervisor().Stall();
  std::this_thread::sleep_for(milliseconds(round % 11 == 0 ? 30 : 4));
  host.hypervisor().Resume();
  host.DefineDomain(round % 5);
}

TEST(StressTest, ReadersWatchersRefreshersPoolUsersAndReconnects) {
  Counts counts;
  int round = 0;
  {
    HostMonitorOptions options = MonitoredHost::QuickOptions();
    options.kernel_interval = milliseconds(2);
    options.read_timeout = milliseconds(15);
    options.refresh_interval = milliseconds(25);
    MonitoredHost host(options);
    {
      const Repeated readers[] = {Repeated([&] { Read(host, counts); }),
                                  Repeated([&] { Read(host, counts); })};
      const Repeated watchers[] = {Repeated([&] { WatchAWhile(host, counts); }),
                                   Repeated([&] { WatchAWhile(host, counts); })};
      const Repeated refreshers([&] { Refresh(host, counts); });
      const Repeated pool_user([&] { UsePool(host, counts); });
      const Repeated disturber([&] { Disturb(host, round); });
      std::this_thread::sleep_for(seconds(3));
    }
    host.hypervisor().Reconnect();
    host.hypervisor().Resume();
    EXPECT_TRUE(MonitoredHost::Eventually([&] { return !host.monitor().FreshnessNow().stale(); }));
    EXPECT_EQ(host.most_at_once(), 1);
    host.EndMonitor();
    EXPECT_TRUE(host.pool().Stop(steady_clock::now() + seconds(10)));
  }
  EXPECT_GT(counts.reads, 1000u);
  EXPECT_GT(counts.told, 100u);
  EXPECT_GT(round, 50);
  EXPECT_EQ(counts.backwards, 0u);
  EXPECT_EQ(counts.refreshes_answered, counts.refreshes_asked);
  EXPECT_EQ(counts.pieces_answered, counts.pieces_run);
}

}  // namespace
}  // namespace ccplace
