#include <algorithm>
#include <unordered_set>
#include <utility>

#include "lib/base/machine_type.h"
#include "lib/base/status.h"
#include "lib/capability/facts/facts.h"

namespace ccplace {

FactCache::FactCache(std::shared_ptr<ParsedDomainCache> parsed_domains)
    : parsed_domains_(std::move(parsed_domains)) {}

absl::StatusOr<DomainCapabilities> FactCache::Capabilities(const std::string& xml) {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (xml.empty() || xml != capabilities_xml_) {
    capabilities_ = ParseDomainCapabilities(xml);
    capabilities_xml_ = xml;
  }
  return capabilities_;
}

absl::StatusOr<LibvirtHost> FactCache::Host(Hypervisor& hypervisor,
                                            const HypervisorVersions& versions) {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (versions.connection != 0 && versions.connection == host_versions_.connection &&
        versions.hypervisor == host_versions_.hypervisor) {
      return host_;
    }
  }
  const absl::StatusOr<std::string> xml = hypervisor.CapabilitiesXml();
  if (!xml.ok()) return xml.status();
  const std::lock_guard<std::mutex> lock(mutex_);
  host_versions_ = versions;
  host_ = {ParseQemuUser(*xml), ParseMachineAliases(*xml).value_or(MachineAliases())};
  return host_;
}

DomainFacts FactCache::Domain(DomainDescription description) {
  auto parsed = description.unread.ok()
                    ? parsed_domains_->Read(description.uuid, description.xml)
                    : std::make_shared<const absl::StatusOr<DefinedDomain>>(description.unread);
  return {std::move(description.uuid), std::move(description.name), description.state,
          std::move(parsed)};
}

std::vector<DomainFacts> FactCache::Domains(std::vector<DomainDescription> descriptions) {
  std::unordered_set<std::string> present;
  present.reserve(descriptions.size());
  std::vector<DomainFacts> facts;
  facts.reserve(descriptions.size());
  for (DomainDescription& description : descriptions) {
    present.insert(description.uuid);
    facts.push_back(Domain(std::move(description)));
  }
  parsed_domains_->KeepOnly(present);
  return facts;
}

namespace {

// No answer at all. Any other error is libvirt's word on the capabilities alone: of a QEMU that it
// cannot probe, say, while the guests of the one before it run on.
bool IsSilence(const absl::Status& status) {
  return absl::IsUnavailable(status) || absl::IsDeadlineExceeded(status);
}

// XML that cannot be understood is something else: nothing was learned.
absl::StatusOr<DomainCapabilities> Understand(const absl::StatusOr<std::string>& xml,
                                              FactCache& cache) {
  if (!xml.ok()) return xml.status();
  absl::StatusOr<DomainCapabilities> capabilities = cache.Capabilities(*xml);
  if (capabilities.ok()) return capabilities;
  return absl::InternalError(capabilities.status().message());
}

// Fails where libvirt is silent.
absl::Status TakeHost(absl::StatusOr<LibvirtHost> host, HypervisorFacts& facts) {
  if (IsSilence(host.status())) return host.status();
  if (!host.ok()) {
    facts.qemu_user = host.status();
    return absl::OkStatus();
  }
  facts.qemu_user = std::move(host->qemu_user);
  facts.machine_aliases = std::move(host->machine_aliases);
  return absl::OkStatus();
}

// The models to ask about. A libvirt that offers no such guests, or allows no questions, is not
// asked. One that cannot list what it offers (a broken link among its firmware descriptors) is
// still asked for a trust domain, and its error says why it makes none.
absl::StatusOr<DomainCapabilities> Questionable(
    const absl::StatusOr<DomainCapabilities>& capabilities) {
  if (!absl::IsInternal(capabilities.status())) return capabilities;
  DomainCapabilities offered;
  offered.tdx = Offer::kYes;
  return offered;
}

absl::Status AskForFirmware(Hypervisor& hypervisor, const FactOptions& options,
                            const absl::StatusOr<std::string>& xml, FactCache& cache,
                            HypervisorFacts& facts) {
  const auto capabilities = Questionable(facts.domain_capabilities);
  if (!capabilities.ok()) return absl::OkStatus();
  auto answers =
      cache.firmware().Read(hypervisor, ConfidentialMachineType(options.default_machine_type),
                            facts.versions.connection, xml.value_or(""), *capabilities);
  if (!answers.ok()) return answers.status();
  facts.firmware = *std::move(answers);
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<HypervisorFacts> ReadHypervisorFacts(Hypervisor& hypervisor,
                                                    const FactOptions& options, FactCache& cache) {
  HypervisorFacts facts;
  absl::StatusOr<HypervisorVersions> versions = hypervisor.Versions();
  if (!versions.ok()) return WithContext(versions.status(), "cannot read libvirt's version");
  facts.versions = *std::move(versions);
  const absl::StatusOr<std::string> xml = hypervisor.DomainCapabilitiesXml(
      ConfidentialMachineType(options.default_machine_type), options.virt_type);
  if (IsSilence(xml.status())) {
    return WithContext(xml.status(), "cannot read libvirt's domain capabilities");
  }
  facts.domain_capabilities = Understand(xml, cache);
  const absl::Status read = TakeHost(cache.Host(hypervisor, facts.versions), facts);
  if (!read.ok()) return WithContext(read, "cannot read libvirt's capabilities");
  const absl::Status asked = AskForFirmware(hypervisor, options, xml, cache, facts);
  if (!asked.ok()) return WithContext(asked, "cannot ask libvirt for firmware");
  return RereadDomains(hypervisor, cache, std::move(facts));
}

absl::StatusOr<HypervisorFacts> RereadDomains(Hypervisor& hypervisor, FactCache& cache,
                                              HypervisorFacts known) {
  absl::StatusOr<std::vector<DomainDescription>> domains = hypervisor.ListDomains();
  if (!domains.ok()) return WithContext(domains.status(), "cannot list libvirt's domains");
  known.domains = cache.Domains(*std::move(domains));
  return known;
}

HypervisorFacts WithDomain(HypervisorFacts known, DomainFacts domain) {
  std::vector<DomainFacts>& domains = known.domains;
  const auto place = std::find_if(domains.begin(), domains.end(),
                                  [&](const DomainFacts& one) { return one.uuid == domain.uuid; });
  if (place == domains.end()) {
    domains.push_back(std::move(domain));
  } else {
    *place = std::move(domain);
  }
  return known;
}

}  // namespace ccplace
