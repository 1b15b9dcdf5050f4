// A small host to poke, with a monitor over it.
#ifndef CCPLACE_TESTS_UNIT_CAPABILITY_MONITOR_MONITORED_HOST_H_
#define CCPLACE_TESTS_UNIT_CAPABILITY_MONITOR_MONITORED_HOST_H_

#include <atomic>
#include <chrono>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <string>

#include "absl/status/status.h"
#include "lib/base/work_pool.h"
#include "lib/capability/facts/facts.h"
#include "lib/capability/monitor/host_monitor.h"
#include "lib/hypervisor/simulated_hypervisor.h"

namespace ccplace {

// Its facts are two texts: the kernel's release, which holds a number that tests set, and libvirt's
// version, which holds the number of domains.
class MonitoredHost {
 public:
  static constexpr size_t kPoolThreads = 2;
  static constexpr size_t kPoolQueue = 4;
  static HostMonitorOptions QuickOptions();

  // How libvirt is when the monitor begins.
  enum class Libvirt { kAnswers, kStalled, kGone };

  explicit MonitoredHost(const HostMonitorOptions& options = QuickOptions(),
                         Libvirt libvirt = Libvirt::kAnswers, const Clock& clock = Clock::System());
  ~MonitoredHost();

  HostMonitor& monitor() { return *monitor_; }
  SimulatedHypervisor& hypervisor() { return *hypervisor_; }
  WorkPool& pool() { return pool_; }

  void SetFirmware(int number) { world_->firmware = number; }  // Read with all files only.
  void SetKernel(int number) { world_->kernel = number; }
  // Has `step` called while a snapshot is made of what was read, before it is out. Null: nothing.
  void OnBuild(std::function<void()> step);
  void DefineDomain(int number);  // Blocks while libvirt is stalled.
  int readings() const { return world_->readings; }
  int full_readings() const { return world_->full_readings; }  // Of more than the domains.
  int most_at_once() const { return world_->most_at_once; }

  // What the current snapshot says: "firmware F kernel K libvirt D", D "?" while unknown.
  std::string Said() const;
  // Of which firmware the current snapshot has a measurement: its number, empty while of none.
  std::string Measured() const { return monitor_->Current()->capabilities.tdx_firmware().mrtd(); }
  // What the current snapshot says of why libvirt is unknown; empty when it is not.
  std::string WhyUnknown() const;
  // Each within ten seconds.
  absl::Status Refresh();
  absl::Status RefreshDomains();
  absl::Status AddDomain();  // One that libvirt does not list.
  // Ends the monitor before the host.
  void EndMonitor() { monitor_ = nullptr; }

  // Whether `condition` comes true within ten seconds.
  static bool Eventually(const std::function<bool()>& condition);

 private:
  struct World {
    void CallOnBuild() {
      const std::lock_guard<std::mutex> lock(mutex);
      if (on_build) on_build();
    }

    std::mutex mutex;
    std::function<void()> on_build;  // Guarded by mutex.
    std::atomic<int> firmware{1};
    std::atomic<int> kernel{1};
    std::atomic<int> readings{0};
    std::atomic<int> full_readings{0};
    std::atomic<int> under_way{0};
    std::atomic<int> most_at_once{0};
  };

  FactSources Sources() const;

  const std::shared_ptr<World> world_ = std::make_shared<World>();
  const std::shared_ptr<SimulatedHypervisor> hypervisor_ =
      std::make_shared<SimulatedHypervisor>(SimulatedHost());
  WorkPool pool_{kPoolThreads, kPoolQueue};
  std::unique_ptr<HostMonitor> monitor_;
};

}  // namespace ccplace

#endif  // CCPLACE_TESTS_UNIT_CAPABILITY_MONITOR_MONITORED_HOST_H_
