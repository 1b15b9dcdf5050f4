#include "client/ctl/fleet/fleet_summary.h"

#include <algorithm>
#include <functional>
#include <map>
#include <set>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "client/ctl/console/enum_names.h"
#include "lib/base/encryption_model.h"

namespace ccplace::ctl {
namespace {

std::string VerdictsOf(const v1::HostCapabilities& host) {
  std::string out;
  for (const v1::ModelCapability& model : host.models()) {
    if (model.verdict() != v1::SUPPORT_SUPPORTED) continue;
    absl::StrAppend(&out, out.empty() ? "" : ", ", ModelName(model.model()));
  }
  return out.empty() ? "none" : out;
}

std::string AttestationOf(const v1::HostCapabilities& host) {
  const v1::ModelCapability* tdx = FindModel(host, v1::ENCRYPTION_MODEL_INTEL_TDX);
  return UpperEnumName(tdx != nullptr ? tdx->attestation() : v1::SUPPORT_UNKNOWN);
}

struct AspectRow {
  const char* name;
  std::function<std::string(const v1::HostCapabilities&)> value;
};

// Most telling first.
const std::vector<AspectRow>& Aspects() {
  static const auto* const rows = new std::vector<AspectRow>{
      {"models supported", VerdictsOf},
      {"firmware's MRTD",
       [](const auto& host) {
         const std::string& mrtd = host.tdx_firmware().mrtd();
         return mrtd.empty() ? std::string("unknown") : absl::BytesToHexString(mrtd);
       }},
      {"TDX module", [](const auto& host) { return OrUnknown(host.versions().tdx_module()); }},
      {"attestation", AttestationOf},
      {"kernel", [](const auto& host) { return OrUnknown(host.versions().kernel()); }},
      {"QEMU", [](const auto& host) { return OrUnknown(host.versions().qemu()); }},
      {"libvirt", [](const auto& host) { return OrUnknown(host.versions().libvirt()); }},
      {"ccplaced", [](const auto& host) { return OrUnknown(host.versions().ccplaced()); }},
      {"default machine type",
       [](const auto& host) { return OrUnknown(host.policy().default_machine_type()); }},
  };
  return *rows;
}

// Largest group first, then by value.
std::vector<FleetGroup> Sorted(std::map<std::string, std::vector<std::string>> groups) {
  std::vector<FleetGroup> out;
  while (!groups.empty()) {
    auto group = groups.extract(groups.begin());
    out.push_back({std::move(group.key()), std::move(group.mapped())});
  }
  std::stable_sort(out.begin(), out.end(), [](const FleetGroup& a, const FleetGroup& b) {
    return a.hosts.size() > b.hosts.size();
  });
  return out;
}

void AddAspects(const std::vector<FleetHost>& hosts, FleetSummary& summary) {
  std::set<std::string> different;
  for (const AspectRow& row : Aspects()) {
    std::map<std::string, std::vector<std::string>> groups;
    for (const FleetHost& host : hosts) {
      if (host.answer.ok()) {
        groups[row.value(host.answer->capabilities())].push_back(host.address);
      }
    }
    if (groups.size() < 2) continue;
    summary.aspects.push_back({row.name, Sorted(std::move(groups))});
    const std::vector<FleetGroup>& sorted = summary.aspects.back().groups;
    for (size_t i = 1; i < sorted.size(); ++i) {
      different.insert(sorted[i].hosts.begin(), sorted[i].hosts.end());
    }
  }
  summary.alike = summary.answered - different.size();
}

void CountModel(const v1::ModelCapability& model, FleetModel& out) {
  if (model.verdict() == v1::SUPPORT_UNSUPPORTED) {
    ++out.unsupported;
    return;
  }
  if (model.verdict() != v1::SUPPORT_SUPPORTED) {
    ++out.unknown;
    return;
  }
  ++out.supported;
  out.usable_keys += model.keys().usable().value();
  out.free_keys += model.keys().free().value();
}

void AddModels(const std::vector<FleetHost>& hosts, FleetSummary& summary) {
  for (const EncryptionModelNames& wanted : kEncryptionModels) {
    FleetModel out;
    out.model = wanted.model;
    for (const FleetHost& host : hosts) {
      if (!host.answer.ok()) continue;
      const v1::ModelCapability* model = FindModel(host.answer->capabilities(), out.model);
      CountModel(model != nullptr ? *model : v1::ModelCapability::default_instance(), out);
    }
    summary.models.push_back(out);
  }
}

// Whether some host has firmware for the model with secure boot alone: nova then wants the image
// to allow it.
bool NeedsSecureBoot(const std::vector<FleetHost>& hosts, v1::EncryptionModel wanted) {
  return std::any_of(hosts.begin(), hosts.end(), [wanted](const FleetHost& host) {
    if (!host.answer.ok()) return false;
    const v1::ModelCapability* model = FindModel(host.answer->capabilities(), wanted);
    return model != nullptr && model->firmware().with_secure_boot() == v1::SUPPORT_SUPPORTED &&
           model->firmware().without_secure_boot() != v1::SUPPORT_SUPPORTED;
  });
}

void AddCommands(const std::vector<FleetHost>& hosts, FleetSummary& summary) {
  for (const FleetModel& model : summary.models) {
    if (model.supported == 0) continue;
    summary.commands.push_back(
        absl::StrCat("openstack flavor set --property hw:mem_encryption=true --property "
                     "hw:mem_encryption_model=",
                     ModelName(model.model), " FLAVOR"));
    std::string image =
        "openstack image set --property hw_firmware_type=uefi --property hw_machine_type=q35";
    const bool tdx = model.model == v1::ENCRYPTION_MODEL_INTEL_TDX;
    if (tdx || model.model == v1::ENCRYPTION_MODEL_AMD_SEV_SNP) {
      absl::StrAppend(&image, " --property hw_firmware_stateless=true");
    }
    if (tdx) absl::StrAppend(&image, " --property hw_video_model=none");
    if (NeedsSecureBoot(hosts, model.model)) {
      absl::StrAppend(&image, " --property os_secure_boot=optional");
    }
    summary.commands.push_back(absl::StrCat(image, " IMAGE"));
  }
}

}  // namespace

FleetSummary Summarize(const std::vector<FleetHost>& hosts) {
  FleetSummary summary;
  summary.hosts = hosts.size();
  std::map<std::string, std::vector<std::string>> failures;
  for (const FleetHost& host : hosts) {
    if (!host.answer.ok()) {
      failures[std::string(absl::StatusCodeToString(host.answer.status().code()))].push_back(
          host.address);
      continue;
    }
    ++summary.answered;
    if (host.answer->simulated()) ++summary.simulated;
    if (host.answer->freshness().stale()) ++summary.stale;
  }
  summary.failures = Sorted(std::move(failures));
  AddModels(hosts, summary);
  AddAspects(hosts, summary);
  AddCommands(hosts, summary);
  return summary;
}

}  // namespace ccplace::ctl
