// From what libvirt says to the snapshot. Limit: 200 KB of domain capabilities to facts in 5 ms.
#include <benchmark/benchmark.h>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "lib/capability/facts/facts.h"
#include "lib/capability/snapshot/build_snapshot.h"
#include "lib/host/simulated_host.h"
#include "lib/hypervisor/simulated_hypervisor.h"

namespace ccplace {
namespace {

// Of the length that libvirt gives a domain with a few disks and interfaces.
std::vector<DomainDescription> MakeDomains(int64_t count) {
  const std::string padding(5000, 'x');
  std::vector<DomainDescription> domains;
  for (int64_t i = 0; i < count; ++i) {
    const std::string uuid = absl::StrFormat("00000000-0000-4000-8000-%012d", i);
    domains.push_back(
        {uuid, absl::StrCat("guest-", i), v1::DOMAIN_STATE_RUNNING,
         absl::StrCat("<domain type='kvm'><name>guest-", i, "</name><uuid>", uuid,
                      "</uuid><description>", padding,
                      "</description><launchSecurity type='tdx'><policy>0x10000000</policy>"
                      "</launchSecurity></domain>")});
  }
  return domains;
}

void BM_ParseDomainCapabilities(benchmark::State& state) {
  const absl::string_view xml = SimulatedDomainCapabilitiesXml();
  for (auto _ : state) {
    const auto facts = ParseDomainCapabilities(xml);
    if (!facts.ok()) state.SkipWithError("not parsed");
  }
  state.SetBytesProcessed(static_cast<int64_t>(state.iterations() * xml.size()));
}
BENCHMARK(BM_ParseDomainCapabilities)->Unit(benchmark::kMillisecond);

void BM_UnchangedDomains(benchmark::State& state) {
  const std::vector<DomainDescription> domains = MakeDomains(state.range(0));
  FactCache cache(std::make_shared<ParsedDomainCache>());
  benchmark::DoNotOptimize(cache.Domains(domains));
  for (auto _ : state) {
    state.PauseTiming();
    std::vector<DomainDescription> copy = domains;
    state.ResumeTiming();
    benchmark::DoNotOptimize(cache.Domains(std::move(copy)));
  }
}
BENCHMARK(BM_UnchangedDomains)->Arg(1000)->Unit(benchmark::kMillisecond);

void BM_BuildSnapshot(benchmark::State& state) {
  FactCache cache(std::make_shared<ParsedDomainCache>());
  const auto files = MakeSimulatedHost();
  const HostFileFacts file_facts = ReadHostFileFacts(*files, FactOptions());
  HypervisorFacts facts;
  facts.domain_capabilities = cache.Capabilities(std::string(SimulatedDomainCapabilitiesXml()));
  facts.domains = cache.Domains(MakeDomains(state.range(0)));
  const absl::StatusOr<HypervisorFacts> hypervisor = facts;
  for (auto _ : state) {
    benchmark::DoNotOptimize(BuildSnapshot(file_facts, hypervisor, CapabilityOptions()));
  }
}
BENCHMARK(BM_BuildSnapshot)->Arg(0)->Arg(1000)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace ccplace
