#include "server/app/daemon_wiring.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <functional>
#include <future>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <utility>

#include "absl/strings/str_split.h"
#include "lib/base/text.h"
#include "lib/capability/facts/facts.h"
#include "lib/capability/monitor/host_monitor.h"
#include "lib/capability/snapshot/attestation_condition.h"
#include "lib/capability/snapshot/build_snapshot.h"
#include "lib/host/nova_config.h"
#include "lib/host/quote_service.h"
#include "lib/host/real_host_files.h"
#include "lib/host/simulated_host.h"
#include "lib/host/tdx_module.h"
#include "lib/hypervisor/libvirt_hypervisor.h"
#include "lib/hypervisor/simulated_hypervisor.h"
#include "server/common/version.h"

namespace ccplace {
namespace {

HostBackends OpenSimulated() {
  std::shared_ptr<InMemoryHostFiles> files = MakeSimulatedHost();
  SimulatedHost host;
  host.tdx_keys = kSimulatedKeys;
  host.domain_capabilities_xml = std::string(SimulatedDomainCapabilitiesXml());
  auto hypervisor = std::make_shared<SimulatedHypervisor>(std::move(host));
  hypervisor->SetKeysInUseHook([files](uint64_t keys) { SetSimulatedKeysInUse(*files, keys); });
  return {std::move(files), std::move(hypervisor)};
}

std::string NodeName(const HostOptions& options) {
  if (!options.node_name.empty()) return options.node_name;
  if (options.simulate) return "simulated-host";
  std::array<char, 256> name = {};
  if (gethostname(name.data(), name.size() - 1) != 0) return "localhost";
  return Printable(name.data(), kNodeNameLimit);
}

// nova.conf is read for them once, as nova-compute does; later differences are reported.
void TakePolicy(const HostOptions& options, const HostFiles& files, CapabilityOptions& out) {
  std::set<std::string> stated;
  const auto take = [&stated](const char* flag, const std::optional<std::string>& value,
                              std::string& into) {
    if (!value.has_value()) return;
    stated.insert(flag);
    into = *value;
  };
  take("cpu_mode", options.cpu_mode, out.cpu_mode);
  take("virt_type", options.virt_type, out.virt_type);
  take("default_machine_type", options.default_machine_type, out.default_machine_type);
  if (options.tdx_guest_limit.has_value()) stated.insert("tdx_guest_limit");
  out.tdx_guest_limit = options.tdx_guest_limit;
  if (options.nova_config.empty()) return;
  TakeFromNova(ReadNovaConfig(files, options.nova_config), stated, out);
}

CapabilityOptions ToCapabilityOptions(const HostOptions& options, const HostFiles& files) {
  CapabilityOptions out;
  TakePolicy(options, files, out);
  out.node_name = NodeName(options);
  out.daemon_version = kVersion;
  out.quote_service_path = QuoteSocketOf(options.quote_service_path);
  for (const std::string& pair : options.rename_traits) {
    const std::pair<std::string, std::string> names = absl::StrSplit(pair, absl::MaxSplits('=', 1));
    out.renamed_traits.insert(names);
  }
  out.tdx_key_class = options.tdx_key_class;
  out.request_dialect = options.request_dialect == "blueprint" ? v1::REQUEST_DIALECT_BLUEPRINT
                                                               : v1::REQUEST_DIALECT_NOVA;
  out.allow_debug = options.allow_debug;
  out.require_attestation = options.require_attestation;
  // CheckOptions took them before.
  out.tdx_min_module_versions =
      ParseTdxModuleFloor(options.tdx_min_module_version).value_or(std::vector<TdxModuleVersion>());
  out.simulated = options.simulate;
  out.sev_guest_limit = options.sev_guest_limit;
  out.sev_es_guest_limit = options.sev_es_guest_limit;
  out.tdx_reserved_keys = options.tdx_reserved_keys;
  return out;
}

FactOptions ToFactOptions(const HostOptions& options, const GuestPolicy& policy) {
  FactOptions out{policy, {}, {}};
  out.nova_config = options.nova_config;
  if (!options.simulate) out.running_machine = RunningMachine();
  return out;
}

std::function<Snapshot(const HostFileFacts&, const absl::StatusOr<HypervisorFacts>&)> MakeBuild(
    const CapabilityOptions& capability, std::chrono::milliseconds refresh_interval) {
  const auto condition = std::make_shared<AttestationCondition>(refresh_interval, Clock::System());
  return [capability, condition](const HostFileFacts& files,
                                 const absl::StatusOr<HypervisorFacts>& hypervisor) {
    Snapshot snapshot = BuildSnapshot(files, hypervisor, capability);
    if (capability.require_attestation) {
      condition->Apply(files.number, hypervisor.ok(), snapshot);
    }
    return snapshot;
  };
}

std::shared_ptr<FirmwareMeasurer> MakeMeasurer(const HostBackends& backends, bool simulate) {
  auto measurer = std::make_shared<FirmwareMeasurer>(backends.files);
  if (!simulate) return measurer;
  measurer->Know({BytesFromHex(kSimulatedFirmwareSha384), BytesFromHex(kSimulatedFirmwareMrtd),
                  SimulatedTdxFirmware().size()});
  return measurer;
}

FactSources MakeSources(const HostBackends& backends, const Options& all,
                        const std::shared_ptr<FactCache>& cache) {
  const HostOptions& options = all.host;
  const CapabilityOptions capability = ToCapabilityOptions(options, *backends.files);
  const FactOptions facts = ToFactOptions(options, capability);
  FactSources sources;
  const auto measurer = MakeMeasurer(backends, options.simulate);
  const auto readings = std::make_shared<uint64_t>(0);  // Of the monitor's thread.
  sources.read_files = [files = backends.files, facts, cache, readings] {
    HostFileFacts read = ReadHostFileFacts(*files, facts);
    read.number = ++*readings;
    cache->firmware().NoteDescriptors(read.firmware);
    return read;
  };
  sources.reread_kernel = [files = backends.files, facts](HostFileFacts& known) {
    RereadKernel(*files, facts, known);
  };
  sources.measure_firmware = [measurer, cache](HostFileFacts& known) {
    const std::vector<std::string> paths = cache->firmware().TdxPaths();
    const auto is_measured = [&known](const std::string& path) {
      return known.measurements.count(path) > 0;
    };
    if (!known.measurements.empty() && std::all_of(paths.begin(), paths.end(), is_measured)) return;
    known.measurements = measurer->Measure(known.firmware, paths);
  };
  sources.read_hypervisor = [hypervisor = backends.hypervisor, facts, cache] {
    return ReadHypervisorFacts(*hypervisor, facts, *cache);
  };
  sources.reread_domains = [hypervisor = backends.hypervisor, cache](HypervisorFacts known) {
    return RereadDomains(*hypervisor, *cache, std::move(known));
  };
  sources.add_domain = [cache](HypervisorFacts known, DomainDescription domain) {
    return WithDomain(std::move(known), cache->Domain(std::move(domain)));
  };
  sources.build = MakeBuild(capability, all.hypervisor.refresh_interval);
  return sources;
}

// Two threads at least are left to readings and to the calls that end a start, where there are any.
size_t SlowLimit(size_t threads) { return threads > 3 ? threads - 2 : 1; }

LifecyclePolicy ToLifecyclePolicy(const HostOptions& options, size_t threads,
                                  const HostState& state) {
  LifecyclePolicy policy;
  policy.host = state.Current()->capabilities.policy();
  policy.quote_service_path = options.quote_service_path;
  policy.paths = {options.disk_prefixes, options.log_prefixes, options.socket_prefixes};
  policy.slow_limit = SlowLimit(threads);
  policy.service_version = kVersion;
  return policy;
}

}  // namespace

absl::StatusOr<HostBackends> OpenBackends(const HostOptions& options) {
  if (options.simulate) return OpenSimulated();
  const absl::Status loaded = LibvirtHypervisor::Load();
  if (!loaded.ok()) return loaded;
  auto files = RealHostFiles::Open(options.host_root);
  if (!files.ok()) return files.status();
  LibvirtOptions libvirt;
  libvirt.uri = options.libvirt_uri;
  libvirt.host_root = options.host_root;
  return HostBackends{*std::move(files), std::make_shared<LibvirtHypervisor>(std::move(libvirt))};
}

ServiceDependencies BuildServices(const Options& options, const HostBackends& backends) {
  ServiceDependencies dependencies;
  dependencies.hypervisor_timeout = options.hypervisor.timeout;
  dependencies.pool =
      std::make_shared<WorkPool>(options.hypervisor.threads, options.hypervisor.queue);
  HostMonitorOptions monitor;
  monitor.refresh_interval = options.hypervisor.refresh_interval;
  // What a simulated host's firmware measures to is known.
  if (options.host.simulate) monitor.measuring_delay = std::chrono::milliseconds(0);
  const auto first_facts = std::make_shared<std::promise<void>>();
  monitor.first_facts = [first_facts] { first_facts->set_value(); };
  const auto parsed_domains = std::make_shared<ParsedDomainCache>();
  const auto cache = std::make_shared<FactCache>(parsed_domains);
  dependencies.ask_firmware_anew = [cache] { cache->firmware().AskAnew(); };
  dependencies.state = std::make_shared<HostMonitor>(monitor, MakeSources(backends, options, cache),
                                                     backends.hypervisor, *dependencies.pool,
                                                     Clock::System(), std::random_device()());
  dependencies.lifecycle = std::make_shared<TdxLifecycle>(LifecycleDependencies{
      ToLifecyclePolicy(options.host, options.hypervisor.threads, *dependencies.state),
      backends.hypervisor, backends.files, dependencies.state, parsed_domains, &Clock::System()});
  dependencies.watchers = std::make_shared<Watchers>(options.limits.watchers);
  first_facts->get_future().wait();
  return dependencies;
}

}  // namespace ccplace
