#include <algorithm>
#include <mutex>
#include <unordered_map>
#include <utility>

#include "lib/base/status.h"
#include "lib/capability/facts.h"

namespace ccplace {
namespace {

struct KnownDomain {
  std::string xml;
  std::shared_ptr<const absl::StatusOr<DefinedDomain>> definition;
};

}  // namespace

struct FactCache::State {
  std::mutex mutex;
  std::string capabilities_xml;
  absl::StatusOr<DomainCapabilities> capabilities = absl::UnknownError("not read yet");
  std::unordered_map<std::string, KnownDomain> domains;  // By uuid.
};

FactCache::FactCache() : state_(std::make_unique<State>()) {}
FactCache::~FactCache() = default;

absl::StatusOr<DomainCapabilities> FactCache::Capabilities(const std::string& xml) {
  const std::lock_guard<std::mutex> lock(state_->mutex);
  if (xml.empty() || xml != state_->capabilities_xml) {
    state_->capabilities = ParseDomainCapabilities(xml);
    state_->capabilities_xml = xml;
  }
  return state_->capabilities;
}

std::vector<DomainFacts> FactCache::Domains(std::vector<DomainDescription> descriptions) {
  const std::lock_guard<std::mutex> lock(state_->mutex);
  std::unordered_map<std::string, KnownDomain> present;
  std::vector<DomainFacts> facts;
  facts.reserve(descriptions.size());
  for (DomainDescription& domain : descriptions) {
    KnownDomain& known = present[domain.uuid];
    const auto before = state_->domains.find(domain.uuid);
    if (before != state_->domains.end() && before->second.definition != nullptr &&
        before->second.xml == domain.xml) {
      known = std::move(before->second);
    } else {
      known.definition =
          std::make_shared<const absl::StatusOr<DefinedDomain>>(ReadDomainXml(domain.xml));
      known.xml = std::move(domain.xml);
    }
    facts.push_back(
        {std::move(domain.uuid), std::move(domain.name), domain.state, known.definition});
  }
  state_->domains = std::move(present);
  return facts;
}

namespace {

// An answer, though it holds no capabilities: INVALID_ARGUMENT is libvirt's own "no" to machine and
// virt type, UNIMPLEMENTED says that this driver or version has none to tell.
bool IsAnswer(const absl::Status& status) {
  return status.ok() || absl::IsInvalidArgument(status) || absl::IsUnimplemented(status);
}

// XML that cannot be understood is
// something else: nothing was learned.
absl::StatusOr<DomainCapabilities> Understand(const absl::StatusOr<std::string>& xml,
                                              FactCache& cache) {
  if (!xml.ok()) return xml.status();
  absl::StatusOr<DomainCapabilities> capabilities = cache.Capabilities(*xml);
  if (capabilities.ok()) return capabilities;
  return absl::InternalError(capabilities.status().message());
}

}  // namespace

absl::StatusOr<HypervisorFacts> ReadHypervisorFacts(Hypervisor& hypervisor,
                                                    const FactOptions& options, FactCache& cache) {
  HypervisorFacts facts;
  absl::StatusOr<HypervisorVersions> versions = hypervisor.Versions();
  if (!versions.ok()) return WithContext(versions.status(), "cannot read libvirt's version");
  facts.versions = *std::move(versions);
  const absl::StatusOr<std::string> xml =
      hypervisor.DomainCapabilitiesXml(options.machine_type, options.virt_type);
  if (!IsAnswer(xml.status())) {
    return WithContext(xml.status(), "cannot read libvirt's domain capabilities");
  }
  facts.domain_capabilities = Understand(xml, cache);
  return RereadDomains(hypervisor, cache, std::move(facts));
}

absl::StatusOr<HypervisorFacts> RereadDomains(Hypervisor& hypervisor, FactCache& cache,
                                              HypervisorFacts known) {
  absl::StatusOr<std::vector<DomainDescription>> domains = hypervisor.ListDomains();
  if (!domains.ok()) return WithContext(domains.status(), "cannot list libvirt's domains");
  known.domains = cache.Domains(*std::move(domains));
  return known;
}

HypervisorFacts WithDomain(HypervisorFacts known, DomainDescription domain) {
  auto definition =
      std::make_shared<const absl::StatusOr<DefinedDomain>>(ReadDomainXml(domain.xml));
  std::vector<DomainFacts>& domains = known.domains;
  auto place = std::find_if(domains.begin(), domains.end(),
                            [&](const DomainFacts& one) { return one.uuid == domain.uuid; });
  if (place == domains.end()) place = domains.emplace(place);
  *place = {std::move(domain.uuid), std::move(domain.name), domain.state, std::move(definition)};
  return known;
}

}  // namespace ccplace
