// When the host's monitor has firmware measured.
#include <atomic>
#include <chrono>
#include <future>
#include <memory>
#include <mutex>

#include "gtest/gtest.h"
#include "lib/capability/monitor/host_monitor.h"
#include "tests/unit/capability/monitor/monitored_host.h"

namespace ccplace {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

TEST(FirstMeasuringTest, FactsDoNotWaitForTheFirstMeasuringOfFirmware) {
  HostMonitorOptions options = MonitoredHost::QuickOptions();
  options.measuring_delay = seconds(60);
  MonitoredHost host(options);
  ASSERT_TRUE(host.Refresh().ok());
  ASSERT_TRUE(host.Refresh().ok());
  EXPECT_EQ(host.Said(), "firmware 1 kernel 1 libvirt 0");
  EXPECT_EQ(host.Measured(), "");
}

TEST(FirstMeasuringTest, FirmwareIsMeasuredSoonAfterTheFirstFacts) {
  HostMonitorOptions options = MonitoredHost::QuickOptions();
  options.kernel_interval = seconds(60);
  options.measuring_delay = milliseconds(20);
  MonitoredHost host(options);
  ASSERT_TRUE(host.Refresh().ok());
  EXPECT_TRUE(MonitoredHost::Eventually([&] { return host.Measured() == "1"; }));
}

TEST(FirstMeasuringTest, WhatFirmwareMeasuresToIsAnEventForWatchers) {
  HostMonitorOptions options = MonitoredHost::QuickOptions();
  options.kernel_interval = seconds(60);
  options.measuring_delay = milliseconds(100);
  MonitoredHost host(options);
  ASSERT_TRUE(host.Refresh().ok());
  std::promise<void> measured;
  std::once_flag once;
  const auto handle = host.monitor().Watch([&](const std::shared_ptr<const Snapshot>& snapshot) {
    if (snapshot->capabilities.tdx_firmware().mrtd() == "1") {
      std::call_once(once, [&measured] { measured.set_value(); });
    }
  });
  EXPECT_EQ(measured.get_future().wait_for(seconds(10)), std::future_status::ready);
}

TEST(FirstMeasuringTest, OtherFirmwareIsNeverSeenWithoutItsMeasurement) {
  HostMonitorOptions options = MonitoredHost::QuickOptions();
  options.measuring_delay = milliseconds(0);
  MonitoredHost host(options);
  ASSERT_TRUE(MonitoredHost::Eventually([&] { return host.Measured() == "1"; }));
  std::atomic<int> torn{0};
  const auto handle = host.monitor().Watch([&](const std::shared_ptr<const Snapshot>& snapshot) {
    const v1::HostCapabilities& said = snapshot->capabilities;
    if (said.architecture() != said.tdx_firmware().mrtd()) ++torn;
  });
  host.SetFirmware(2);
  ASSERT_TRUE(host.Refresh().ok());
  EXPECT_EQ(host.Measured(), "2");
  EXPECT_EQ(torn, 0);
}

}  // namespace
}  // namespace ccplace
