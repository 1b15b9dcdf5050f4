// Many hosts against one Placement: what the first sync, a steady state and a change cost.
// usage: fleet_sync ENDPOINT HOSTS RAMP_S STEADY_S INTERVAL_S CHANGES_PER_S [FIRST]
//        (roots fleet-FIRST, fleet-(FIRST + 1), ... stand there already; FIRST is 0 unless it is
//        named; the table of measures goes to stdout; CHANGES_PER_S 0: no host changes)
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "tests/placement/fleet_host.h"

namespace ccplace::sync {
namespace {

using Hosts = std::vector<std::unique_ptr<FleetHost>>;
using Seconds = std::chrono::duration<double>;

struct Range {  // Of the hosts' numbers.
  size_t first = 0;
  size_t count = 0;
};

constexpr Seconds kPatience{1200};

void Sleep(double seconds) { std::this_thread::sleep_for(Seconds(seconds)); }

struct Totals {
  uint64_t requests = 0;
  uint64_t failures = 0;
};

Totals TotalsOf(const Hosts& hosts) {
  Totals totals;
  for (const auto& host : hosts) {
    totals.requests += host->requests();
    totals.failures += host->failures();
  }
  return totals;
}

double Percentile(std::vector<double> values, double part) {
  if (values.empty()) return NAN;
  std::sort(values.begin(), values.end());
  return values[static_cast<size_t>(part * static_cast<double>(values.size() - 1))];
}

void Row(const char* phase, const std::string& measure, double value, const char* unit) {
  std::printf("| %s | %s | %.2f %s |\n", phase, measure.c_str(), value, unit);
  std::fflush(stdout);
}

// Says how many hosts are not in sync, and what stood in the way of one.
[[noreturn]] void EndWithoutSync(const Hosts& hosts) {
  const auto waits = [](const auto& host) { return !host->in_sync(); };
  const auto one = std::find_if(hosts.begin(), hosts.end(), waits);
  std::fprintf(stderr, "%td of %zu hosts did not come in sync; one says: %s\n",
               std::count_if(hosts.begin(), hosts.end(), waits), hosts.size(),
               one == hosts.end() ? "it is now" : (*one)->last_failure().ToString().c_str());
  std::exit(1);
}

// Starts the hosts over `ramp_s`, and waits until all are in sync.
void FirstSync(Hosts& hosts, const Range& range, const CloudConfig& cloud, LoopOptions options,
               double ramp_s) {
  const auto started = std::chrono::steady_clock::now();
  for (size_t i = range.first; i < range.first + range.count; ++i) {
    options.seed = i;
    hosts.push_back(std::make_unique<FleetHost>("fleet-" + std::to_string(i), cloud, options));
    Sleep(ramp_s / static_cast<double>(range.count));
  }
  const auto all_started = std::chrono::steady_clock::now();
  const auto ready = [](const auto& host) { return host->in_sync(); };
  while (!std::all_of(hosts.begin(), hosts.end(), ready)) {
    Sleep(0.1);
    if (std::chrono::steady_clock::now() - all_started < kPatience) continue;
    EndWithoutSync(hosts);
  }
  uint64_t requests = 0;
  for (const auto& host : hosts) requests += host->first_sync_requests();
  Row("first sync", "all hosts in sync after",
      Seconds(std::chrono::steady_clock::now() - started).count(), "s");
  Row("first sync", "requests per host",
      static_cast<double>(requests) / static_cast<double>(range.count), "");
  Row("first sync", "rounds that failed", static_cast<double>(TotalsOf(hosts).failures), "");
}

// Waits until the two looks that follow a first sync sooner are over, where there are any.
void AwaitQuiet(const LoopOptions& options) {
  constexpr double kLooksWithJitter = 2 * 1.1;
  if (options.interval_after_change >= options.interval) return;
  Sleep(Seconds(options.interval_after_change).count() * kLooksWithJitter);
}

void Steady(const Hosts& hosts, double seconds, double interval_s) {
  const Totals before = TotalsOf(hosts);
  Sleep(seconds);
  const Totals after = TotalsOf(hosts);
  const double intervals = seconds / interval_s * static_cast<double>(hosts.size());
  Row("steady state", "requests per host and interval",
      static_cast<double>(after.requests - before.requests) / intervals, "");
  Row("steady state", "requests per second, all hosts",
      static_cast<double>(after.requests - before.requests) / seconds, "");
  Row("steady state", "rounds that failed", static_cast<double>(after.failures - before.failures),
      "");
}

std::vector<double> Gather(const Hosts& hosts, size_t expected) {
  std::vector<double> delays;
  const auto started = std::chrono::steady_clock::now();
  while (delays.size() < expected && std::chrono::steady_clock::now() - started < kPatience) {
    Sleep(0.1);
    for (const auto& host : hosts) {
      const std::vector<double> more = host->TakeDelays();
      delays.insert(delays.end(), more.begin(), more.end());
    }
  }
  return delays;
}

// Changes each host once, `per_second` of them a second (0: all at once). Whether all was told.
bool Change(const Hosts& hosts, uint64_t in_use, double per_second, const char* phase) {
  const Totals before = TotalsOf(hosts);
  for (const auto& host : hosts) {
    host->Change(in_use);
    if (per_second > 0) Sleep(1 / per_second);
  }
  const std::vector<double> delays = Gather(hosts, hosts.size());
  const Totals after = TotalsOf(hosts);
  Row(phase, "rounds that failed", static_cast<double>(after.failures - before.failures), "");
  Row(phase, "requests per change, looks of the steady state included",
      static_cast<double>(after.requests - before.requests) / static_cast<double>(hosts.size()),
      "");
  Row(phase, "changes told", static_cast<double>(delays.size()), "");
  Row(phase, "change to truth, p50", Percentile(delays, 0.50), "s");
  Row(phase, "change to truth, p99", Percentile(delays, 0.99), "s");
  return delays.size() == hosts.size();
}

int Run(char** argv) {
  CloudConfig cloud;
  cloud.auth_type = AuthType::kNone;
  cloud.placement_endpoint = argv[1];
  const Range range{argv[7] == nullptr ? 0 : std::strtoul(argv[7], nullptr, 10),
                    std::strtoul(argv[2], nullptr, 10)};
  const double interval_s = std::atof(argv[5]);
  LoopOptions options;
  options.interval = std::chrono::milliseconds(static_cast<int64_t>(interval_s * 1000));
  Hosts hosts;
  std::printf("| phase | measure | value |\n|---|---|---|\n");
  FirstSync(hosts, range, cloud, options, std::atof(argv[3]));
  AwaitQuiet(options);
  Steady(hosts, std::atof(argv[4]), interval_s);
  const double rate = std::atof(argv[6]);
  if (rate <= 0) return 0;
  const bool spread = Change(hosts, 1, rate, "one change per host, spread");
  const bool at_once = Change(hosts, 2, 0, "all hosts change at once");
  return spread && at_once ? 0 : 1;
}

}  // namespace
}  // namespace ccplace::sync

int main(int argc, char** argv) { return argc == 7 || argc == 8 ? ccplace::sync::Run(argv) : 2; }
