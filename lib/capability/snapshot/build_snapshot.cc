#include "lib/capability/snapshot/build_snapshot.h"

#include <google/protobuf/util/time_util.h>

#include <algorithm>
#include <utility>

#include "lib/base/text.h"
#include "lib/capability/checks/check_table.h"
#include "lib/capability/checks/checks.h"
#include "lib/capability/facts/inventory.h"
#include "lib/capability/snapshot/domain_reference.h"

namespace ccplace {
namespace {

constexpr size_t kWhyLimitBytes = 512;

v1::HostPolicy PolicyOf(const CapabilityOptions& options) {
  v1::HostPolicy policy;
  policy.set_cpu_mode(options.cpu_mode);
  policy.set_virt_type(options.virt_type);
  policy.set_default_machine_type(options.default_machine_type);
  policy.set_allow_debug(options.allow_debug);
  policy.set_request_dialect(options.request_dialect);
  policy.mutable_renamed_traits()->insert(options.renamed_traits.begin(),
                                          options.renamed_traits.end());
  policy.set_tdx_key_class(options.tdx_key_class);
  policy.set_require_attestation(options.require_attestation);
  for (const TdxModuleVersion& version : options.tdx_min_module_versions) {
    policy.add_tdx_min_module_versions(TdxModuleText(version));
  }
  return policy;
}

std::string WordOf(const absl::StatusOr<std::string>& word) {
  return word.ok() ? Printable(*word) : "";
}

v1::HostVersions VersionsOf(const HostFileFacts& files,
                            const absl::StatusOr<HypervisorFacts>& hypervisor,
                            const CapabilityOptions& options) {
  v1::HostVersions versions;
  versions.set_kernel(files.kernel.release.ok() ? *files.kernel.release : "");
  if (hypervisor.ok()) {
    versions.set_libvirt(Printable(hypervisor->versions.libvirt));
    versions.set_qemu(Printable(hypervisor->versions.hypervisor));
  }
  versions.set_ccplaced(options.daemon_version);
  versions.set_tdx_module(WordOf(files.kernel.tdx_module));
  versions.set_microcode(WordOf(files.machine.microcode));
  versions.set_bios(WordOf(files.machine.bios_version));
  versions.set_bios_date(WordOf(files.machine.bios_date));
  return versions;
}

bool IsOurs(const DomainFacts& domain) {
  return domain.parsed->ok() && (*domain.parsed)->ownership.has_value() &&
         (*domain.parsed)->model == v1::ENCRYPTION_MODEL_INTEL_TDX;
}

v1::TdxDomain TdxDomainOf(const DomainFacts& domain, const FirmwareMeasurements& measurements,
                          const std::string& tdx_module) {
  const DefinedDomain& defined = **domain.parsed;
  const DomainOwnership& ownership = *defined.ownership;
  v1::TdxDomain out;
  out.set_uuid(domain.uuid);
  out.set_name(Printable(domain.name));
  out.set_state(domain.state);
  out.set_owner(Printable(ownership.owner, 255));
  out.set_request_digest(Printable(ownership.request_digest));
  google::protobuf::Timestamp defined_at;
  if (google::protobuf::util::TimeUtil::FromString(ownership.defined_at, &defined_at)) {
    *out.mutable_defined_at() = defined_at;
  }
  *out.mutable_reference() =
      DomainReference(defined, domain.state,
                      MeasurementOf(measurements, defined.reference.firmware_path()), tdx_module);
  return out;
}

template <typename Domain>
void SortByName(std::vector<Domain>& domains) {
  std::sort(domains.begin(), domains.end(),
            [](const Domain& a, const Domain& b) { return a.name() < b.name(); });
}

std::vector<v1::TdxDomain> DomainsOf(const HypervisorFacts& hypervisor,
                                     const FirmwareMeasurements& measurements,
                                     const std::string& tdx_module) {
  std::vector<v1::TdxDomain> domains;
  for (const DomainFacts& domain : hypervisor.domains) {
    if (IsOurs(domain)) domains.push_back(TdxDomainOf(domain, measurements, tdx_module));
  }
  SortByName(domains);
  return domains;
}

v1::UnreadDomain UnreadDomainOf(const DomainFacts& domain) {
  v1::UnreadDomain out;
  out.set_uuid(domain.uuid);
  out.set_name(Printable(domain.name));
  out.set_state(domain.state);
  out.set_why(Printable(domain.parsed->status().message(), kWhyLimitBytes));
  return out;
}

std::vector<v1::UnreadDomain> UnreadDomainsOf(const HypervisorFacts& hypervisor) {
  std::vector<v1::UnreadDomain> domains;
  for (const DomainFacts& domain : hypervisor.domains) {
    if (!domain.parsed->ok()) domains.push_back(UnreadDomainOf(domain));
  }
  SortByName(domains);
  return domains;
}

}  // namespace

Snapshot BuildSnapshot(const HostFileFacts& files,
                       const absl::StatusOr<HypervisorFacts>& hypervisor,
                       const CapabilityOptions& options) {
  Snapshot snapshot;
  v1::HostCapabilities& capabilities = snapshot.capabilities;
  capabilities.set_architecture(files.kernel.architecture.ok() ? *files.kernel.architecture : "");
  *capabilities.mutable_versions() = VersionsOf(files, hypervisor, options);
  *capabilities.mutable_tdx_module() = TdxModuleOf(capabilities.versions().tdx_module());
  for (const ModelInfo& model : ModelTable()) {
    v1::KeyInventory keys = BuildKeys(model, files, hypervisor, options);
    const CheckInput input = {model, files, hypervisor, options, keys};
    v1::ModelCapability& entry = *capabilities.add_models();
    entry = EvaluateModel(input);
    *entry.mutable_firmware() = GuestFirmwareOf(input);
    if (model.model == v1::ENCRYPTION_MODEL_INTEL_TDX) {
      *capabilities.mutable_tdx_firmware() = TdxFirmwareOf(entry.firmware(), files.measurements);
    }
    *entry.mutable_keys() = std::move(keys);
  }
  *capabilities.mutable_policy() = PolicyOf(options);
  capabilities.set_node_name(options.node_name);
  snapshot.domains_known = hypervisor.ok();
  if (hypervisor.ok()) {
    snapshot.domains =
        DomainsOf(*hypervisor, files.measurements, capabilities.versions().tdx_module());
    snapshot.unread_domains = UnreadDomainsOf(*hypervisor);
  }
  snapshot.simulated = options.simulated;
  return snapshot;
}

}  // namespace ccplace
