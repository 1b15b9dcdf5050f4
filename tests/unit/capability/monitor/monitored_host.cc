#include "tests/unit/capability/monitor/monitored_host.h"

#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"

namespace ccplace {

using std::chrono::milliseconds;

HostMonitorOptions MonitoredHost::QuickOptions() {
  HostMonitorOptions options;
  options.refresh_interval = milliseconds(60000);
  options.kernel_interval = milliseconds(5);
  options.measuring_delay = milliseconds(0);
  options.read_timeout = milliseconds(60000);
  options.event_gap = milliseconds(1);
  options.event_delay = milliseconds(1);
  options.refresh_gap = milliseconds(1);
  options.first_retry = milliseconds(5);
  return options;
}

MonitoredHost::MonitoredHost(const HostMonitorOptions& options, Libvirt libvirt,
                             const Clock& clock) {
  if (libvirt == Libvirt::kStalled) hypervisor_->Stall();
  if (libvirt == Libvirt::kGone) hypervisor_->Disconnect();
  monitor_ = std::make_unique<HostMonitor>(options, Sources(), hypervisor_, pool_, clock, 1);
}

MonitoredHost::~MonitoredHost() {
  monitor_ = nullptr;
  hypervisor_->Resume();
}

FactSources MonitoredHost::Sources() const {
  FactSources sources;
  sources.reread_kernel = [world = world_](HostFileFacts& facts) {
    facts.kernel.release = absl::StrCat(world->kernel.load());
  };
  sources.measure_firmware = [](HostFileFacts& facts) {
    facts.measurements["firmware"].mrtd = facts.kernel.architecture;
  };
  sources.read_files = [world = world_, reread = sources.reread_kernel] {
    HostFileFacts facts;
    facts.kernel.architecture = absl::StrCat(world->firmware.load());
    reread(facts);
    return facts;
  };
  sources.reread_domains = [world = world_, hypervisor = hypervisor_](
                               HypervisorFacts known) -> absl::StatusOr<HypervisorFacts> {
    ++world->readings;
    const int at_once = ++world->under_way;
    if (at_once > world->most_at_once) world->most_at_once = at_once;
    const auto domains = hypervisor->ListDomains();
    --world->under_way;
    if (!domains.ok()) return domains.status();
    known.versions.libvirt = absl::StrCat(domains->size());
    return known;
  };
  sources.add_domain = [](HypervisorFacts known, const DomainDescription& /*domain*/) {
    known.versions.libvirt = absl::StrCat(std::stoi(known.versions.libvirt) + 1);
    return known;
  };
  sources.read_hypervisor = [world = world_, reread = sources.reread_domains] {
    ++world->full_readings;
    return reread(HypervisorFacts());
  };
  sources.build = [world = world_](const HostFileFacts& files,
                                   const absl::StatusOr<HypervisorFacts>& hypervisor) {
    world->CallOnBuild();
    Snapshot snapshot;
    snapshot.capabilities.set_architecture(files.kernel.architecture.value_or("?"));
    snapshot.capabilities.mutable_tdx_firmware()->set_mrtd(
        MeasurementOf(files.measurements, "firmware").mrtd.value_or(""));
    snapshot.capabilities.mutable_versions()->set_kernel(files.kernel.release.value_or("?"));
    snapshot.capabilities.mutable_versions()->set_libvirt(
        hypervisor.ok() ? hypervisor->versions.libvirt : "?");
    if (!hypervisor.ok()) {
      snapshot.capabilities.add_models()->add_checks()->set_found(hypervisor.status().ToString());
    }
    return snapshot;
  };
  return sources;
}

void MonitoredHost::OnBuild(std::function<void()> step) {
  const std::lock_guard<std::mutex> lock(world_->mutex);
  world_->on_build = std::move(step);
}

void MonitoredHost::DefineDomain(int number) {
  const std::string uuid = absl::StrCat("00000000-0000-0000-0000-", 100000000000 + number);
  hypervisor_
      ->Define(absl::StrCat("<domain><name>d", number, "</name><uuid>", uuid, "</uuid></domain>"))
      .IgnoreError();
}

std::string MonitoredHost::Said() const {
  const auto snapshot = monitor_->Current();
  return absl::StrCat("firmware ", snapshot->capabilities.architecture(), " kernel ",
                      snapshot->capabilities.versions().kernel(), " libvirt ",
                      snapshot->capabilities.versions().libvirt());
}

std::string MonitoredHost::WhyUnknown() const {
  const auto snapshot = monitor_->Current();
  if (snapshot->capabilities.models().empty()) return "";
  return snapshot->capabilities.models(0).checks(0).found();
}

absl::Status MonitoredHost::Refresh() {
  std::promise<absl::Status> answer;
  monitor_->Refresh(std::chrono::steady_clock::now() + std::chrono::seconds(10),
                    [&answer](absl::Status status) { answer.set_value(std::move(status)); });
  return answer.get_future().get();
}

absl::Status MonitoredHost::RefreshDomains() {
  std::promise<absl::Status> answer;
  monitor_->RefreshDomains(std::chrono::steady_clock::now() + std::chrono::seconds(10),
                           [&answer](absl::Status status) { answer.set_value(std::move(status)); });
  return answer.get_future().get();
}

absl::Status MonitoredHost::AddDomain() {
  std::promise<absl::Status> answer;
  monitor_->AddDomain({}, std::chrono::steady_clock::now() + std::chrono::seconds(10),
                      [&answer](absl::Status status) { answer.set_value(std::move(status)); });
  return answer.get_future().get();
}

bool MonitoredHost::Eventually(const std::function<bool()>& condition) {
  for (int i = 0; i < 5000; ++i) {
    if (condition()) return true;
    std::this_thread::sleep_for(milliseconds(2));
  }
  return false;
}

}  // namespace ccplace
