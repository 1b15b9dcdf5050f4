#include "server/monitoring/host_metrics.h"

#include <map>
#include <utility>

#include "absl/strings/escaping.h"
#include "lib/observability/metric_family.h"
#include "server/monitoring/enum_names.h"

namespace ccplace {
namespace {

using prometheus::MetricFamily;

double YesNoUnknown(v1::Support support) {
  return support == v1::SUPPORT_SUPPORTED ? 1 : support == v1::SUPPORT_UNSUPPORTED ? 0 : -1;
}

double YesNoUnknown(v1::CheckResult result) {
  return result == v1::CHECK_RESULT_PASS ? 1 : result == v1::CHECK_RESULT_FAIL ? 0 : -1;
}

double Withheld(const v1::KeyInventory& keys) {
  if (keys.withheld().empty()) return 0;
  return keys.usable().has_value() ? 1 : -1;
}

void AddFreshness(const v1::Freshness& freshness, std::vector<MetricFamily>& out) {
  auto age = NewGauge("ccplace_facts_age_seconds",
                      "Time since the source was read in full. Absent: never read.");
  auto stale =
      NewGauge("ccplace_facts_stale", "1: the source cannot be read, or was not for long.");
  for (const auto& [source, facts] : {std::pair("host_files", &freshness.host_files()),
                                      std::pair("hypervisor", &freshness.hypervisor())}) {
    const MetricLabels labels = {{"source", source}};
    AddSample(stale, facts->stale() ? 1 : 0, labels);
    if (facts->has_read_at()) AddSample(age, static_cast<double>(facts->age_ms()) / 1e3, labels);
  }
  for (auto* family : {&age, &stale}) out.push_back(std::move(*family));
  AddGauge(out, "ccplace_libvirt_connected", "1: libvirt answers.",
           freshness.hypervisor().stale() ? 0 : 1);
}

void AddModels(const v1::HostCapabilities& host, std::vector<MetricFamily>& out) {
  auto supported = NewGauge("ccplace_model_supported",
                            "1: guests of the model can run here. 0: they cannot. -1: unknown.");
  auto checks = NewGauge("ccplace_check_result", "1: passed. 0: failed. -1: could not be read.");
  auto keys = NewGauge("ccplace_keys", "Keys of the model, by figure. Absent: unknown.");
  auto withheld = NewGauge("ccplace_keys_withheld",
                           "1: all keys of the model are withheld from schedulers. 0: they are "
                           "not. -1: not decided yet.");
  for (const v1::ModelCapability& model : host.models()) {
    const std::string name = NameOf(model.model());
    AddSample(supported, YesNoUnknown(model.verdict()), {{"model", name}});
    AddSample(withheld, Withheld(model.keys()), {{"model", name}});
    for (const v1::Check& check : model.checks()) {
      AddSample(checks, YesNoUnknown(check.result()),
                {{"model", name}, {"check", NameOf(check.kind())}});
    }
    for (const auto& [figure, value] : FiguresOf(model.keys())) {
      if (!value->has_value()) continue;
      AddSample(keys, static_cast<double>(value->value()), {{"model", name}, {"figure", figure}});
    }
  }
  for (auto* family : {&supported, &checks, &keys, &withheld}) out.push_back(std::move(*family));
}

void AddVersions(const v1::HostVersions& versions, std::vector<MetricFamily>& out) {
  AddGauge(out, "ccplace_host_info",
           "Always 1; versions of what the host is made of, empty where unknown.", 1,
           {{"kernel", versions.kernel()},
            {"libvirt", versions.libvirt()},
            {"qemu", versions.qemu()},
            {"tdx_module", versions.tdx_module()},
            {"microcode", versions.microcode()},
            {"bios", versions.bios()},
            {"bios_date", versions.bios_date()}});
}

// Twelve digits distinguish images; HostCapabilities has all of them.
constexpr size_t kMrtdLabelDigits = 12;

void AddFirmware(const v1::TdxFirmware& firmware, std::vector<MetricFamily>& out) {
  auto info = NewGauge("ccplace_tdx_firmware_info",
                       "Always 1; mrtd: the first 12 digits of the MRTD of the firmware that trust "
                       "domains start with. Absent: unknown.");
  if (!firmware.mrtd().empty()) {
    const std::string digits = absl::BytesToHexString(firmware.mrtd());
    AddSample(info, 1, {{"mrtd", digits.substr(0, kMrtdLabelDigits)}});
  }
  out.push_back(std::move(info));
}

void AddDomains(const Snapshot& snapshot, std::vector<MetricFamily>& out) {
  auto domains = NewGauge("ccplace_domains",
                          "Trust domains that this service defined, by state. Absent: unknown.");
  auto unread = NewGauge("ccplace_domains_unread",
                         "Domains whose definition cannot be read. Absent: unknown.");
  if (snapshot.domains_known) {
    AddSample(unread, static_cast<double>(snapshot.unread_domains.size()));
  }
  // One that could not be read may be one of them, and has no place in a count.
  if (snapshot.domains_known && snapshot.unread_domains.empty()) {
    std::map<std::string, int> counts;
    for (int state = v1::DomainState_MIN; state <= v1::DomainState_MAX; ++state) {
      counts[NameOf(static_cast<v1::DomainState>(state))] = 0;
    }
    for (const v1::TdxDomain& domain : snapshot.domains) ++counts[NameOf(domain.state())];
    for (const auto& [state, count] : counts) AddSample(domains, count, {{"state", state}});
  }
  for (auto* family : {&domains, &unread}) out.push_back(std::move(*family));
}

}  // namespace

std::vector<MetricFamily> HostMetrics(const HostState& state) {
  const std::shared_ptr<const Snapshot> snapshot = state.Current();
  std::vector<MetricFamily> out;
  AddFreshness(state.FreshnessNow(), out);
  AddModels(snapshot->capabilities, out);
  AddVersions(snapshot->capabilities.versions(), out);
  AddFirmware(snapshot->capabilities.tdx_firmware(), out);
  AddDomains(*snapshot, out);
  AddGauge(out, "ccplace_simulated", "1: the host and all its figures are made up.",
           snapshot->simulated ? 1 : 0);
  return out;
}

}  // namespace ccplace
