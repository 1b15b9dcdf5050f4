#include "lib/hypervisor/simulated_domains.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "lib/base/text.h"
#include "lib/hypervisor/domain_state.h"

namespace ccplace {
namespace {

// What QEMU says when the TDX module has no KeyID left (misc cgroup: ENOSPC).
constexpr absl::string_view kNoKeyLeft =
    "internal error: process exited while connecting to monitor: ioctl(KVM_TDX_INIT_VM) failed: "
    "No space left on device";

absl::Status NotFoundFor(absl::string_view what) {
  return absl::NotFoundError(absl::StrCat("no domain ", Quoted(what)));
}

bool IsActive(const DomainDescription& domain) { return RowOf(domain.state).active; }

}  // namespace

SimulatedDomains::SimulatedDomains(uint64_t tdx_keys, DomainResolution resolution)
    : tdx_keys_(tdx_keys), resolution_(std::move(resolution)) {}

std::vector<DomainDescription> SimulatedDomains::List() const {
  std::vector<DomainDescription> descriptions;
  for (const auto& [uuid, domain] : domains_) {
    auto described = Describe(domain);
    if (described.ok()) {
      descriptions.push_back(*std::move(described));
      continue;
    }
    const DomainDescription& known = domain.description;
    descriptions.push_back({known.uuid, known.name, known.state, "", described.status()});
  }
  return descriptions;
}

absl::StatusOr<DomainDescription> SimulatedDomains::Describe(const Domain& domain) {
  if (!domain.is_held) return domain.description;
  const std::string& uuid = domain.description.uuid;
  return DomainHeldError(absl::StrCat("read the XML of domain ", Quoted(uuid)), uuid);
}

absl::StatusOr<DomainDescription> SimulatedDomains::FindByUuid(const std::string& uuid) const {
  const auto found = domains_.find(uuid);
  if (found == domains_.end()) return NotFoundFor(uuid);
  return Describe(found->second);
}

absl::StatusOr<DomainDescription> SimulatedDomains::FindByName(const std::string& name) const {
  for (const auto& [uuid, domain] : domains_) {
    if (domain.description.name == name) return Describe(domain);
  }
  return NotFoundFor(name);
}

absl::StatusOr<FoundMetadata> SimulatedDomains::FindMetadata(const std::string& uuid,
                                                             const std::string& space) const {
  const auto found = domains_.find(uuid);
  if (found == domains_.end()) return NotFoundFor(uuid);
  const DomainDescription& domain = found->second.description;
  FoundMetadata metadata;
  metadata.state = domain.state;
  const auto in_force = MetadataIn(domain.xml, space);
  if (!in_force.ok()) return in_force.status();
  metadata.in_force = *in_force;
  if (domain.definition.empty()) return metadata;
  const auto definition = MetadataIn(domain.definition, space);
  if (!definition.ok()) return definition.status();
  metadata.definition = *definition;
  return metadata;
}

absl::StatusOr<DomainIdentity> SimulatedDomains::Identify(const std::string& xml) const {
  absl::StatusOr<DomainIdentity> identity = ReadDomainIdentity(xml);
  if (!identity.ok()) return absl::FailedPreconditionError(identity.status().message());
  if (identity->uuid.empty()) {
    return absl::FailedPreconditionError("the simulated libvirt makes no uuid; state one");
  }
  for (const auto& [uuid, domain] : domains_) {
    if ((uuid == identity->uuid) == (domain.description.name == identity->name)) continue;
    return absl::AlreadyExistsError(absl::StrCat("domain ", Quoted(domain.description.name),
                                                 " already exists with uuid ", uuid));
  }
  return identity;
}

absl::StatusOr<SimulatedDomains::Domain*> SimulatedDomains::Find(const std::string& uuid) {
  const auto found = domains_.find(uuid);
  if (found == domains_.end()) return NotFoundFor(uuid);
  return &found->second;
}

// A definition of an active domain is for its next start.
absl::StatusOr<DomainDescription> SimulatedDomains::Define(const std::string& xml) {
  const absl::StatusOr<DomainIdentity> identity = Identify(xml);
  if (!identity.ok()) return identity.status();
  absl::StatusOr<std::string> resolved = ResolveDomainXml(xml, resolution_);
  if (!resolved.ok()) return resolved.status();
  const auto [place, added] = domains_.try_emplace(identity->uuid);
  DomainDescription& description = place->second.description;
  if (added) {
    description = {identity->uuid, identity->name, v1::DOMAIN_STATE_SHUT_OFF, ""};
  }
  description.definition = *std::move(resolved);
  if (!IsActive(description)) {
    description.xml = description.definition;
    place->second.is_trust_domain = identity->is_trust_domain;
  }
  return description;
}

absl::StatusOr<bool> SimulatedDomains::Start(const std::string& uuid) {
  const absl::StatusOr<Domain*> domain = Find(uuid);
  if (!domain.ok()) return domain.status();
  if (IsActive((*domain)->description)) return false;
  if (!next_start_failure_.empty()) {
    return absl::AbortedError(std::exchange(next_start_failure_, std::string()));
  }
  if ((*domain)->is_trust_domain && KeysInUse() >= tdx_keys_) {
    return absl::AbortedError(kNoKeyLeft);
  }
  (*domain)->description.state = v1::DOMAIN_STATE_RUNNING;
  return true;
}

absl::StatusOr<DomainDescription> SimulatedDomains::SetMetadata(const std::string& uuid,
                                                                MetadataSide side,
                                                                const DomainMetadata& metadata) {
  const absl::StatusOr<Domain*> domain = Find(uuid);
  if (!domain.ok()) return domain.status();
  DomainDescription& description = (*domain)->description;
  const bool of_guest = side == MetadataSide::kActiveGuest;
  if (of_guest ? !IsActive(description) : description.definition.empty()) {
    return absl::FailedPreconditionError("the domain has no such side");
  }
  std::string& xml = of_guest ? description.xml : description.definition;
  absl::StatusOr<std::string> changed = WithMetadata(xml, metadata);
  if (!changed.ok()) return changed.status();
  xml = *std::move(changed);
  if (!IsActive(description)) description.xml = description.definition;
  return description;
}

absl::StatusOr<bool> SimulatedDomains::Stop(const std::string& uuid) {
  const absl::StatusOr<Domain*> domain = Find(uuid);
  if (!domain.ok()) return domain.status();
  DomainDescription& description = (*domain)->description;
  if (!IsActive(description)) return false;
  if (description.definition.empty()) {
    domains_.erase(uuid);
    return true;
  }
  description.state = v1::DOMAIN_STATE_SHUT_OFF;
  description.xml = description.definition;
  (*domain)->is_held = false;
  const absl::StatusOr<DomainIdentity> identity = ReadDomainIdentity(description.xml);
  (*domain)->is_trust_domain = identity.ok() && identity->is_trust_domain;
  return true;
}

absl::StatusOr<bool> SimulatedDomains::Undefine(const std::string& uuid) {
  const auto found = domains_.find(uuid);
  if (found == domains_.end()) return false;
  if (IsActive(found->second.description)) {
    return absl::FailedPreconditionError(
        absl::StrCat("undefine domain ", Quoted(uuid), ": it runs; stop it first"));
  }
  domains_.erase(found);
  return true;
}

absl::Status SimulatedDomains::SetActiveState(const std::string& uuid, v1::DomainState state) {
  const absl::StatusOr<Domain*> domain = Find(uuid);
  if (!domain.ok()) return domain.status();
  if (!IsActive((*domain)->description)) {
    return absl::FailedPreconditionError("the domain is not active");
  }
  (*domain)->description.state = state;
  return absl::OkStatus();
}

absl::Status SimulatedDomains::Hold(const std::string& uuid) {
  const absl::StatusOr<Domain*> domain = Find(uuid);
  if (!domain.ok()) return domain.status();
  if (!IsActive((*domain)->description)) {
    return absl::FailedPreconditionError("the domain is not active");
  }
  (*domain)->is_held = true;
  return absl::OkStatus();
}

absl::Status SimulatedDomains::Rename(const std::string& uuid, const std::string& name) {
  const absl::StatusOr<Domain*> domain = Find(uuid);
  if (!domain.ok()) return domain.status();
  DomainDescription& description = (*domain)->description;
  if (IsActive(description)) {
    return absl::FailedPreconditionError("cannot rename active domain");
  }
  absl::StatusOr<std::string> renamed = WithName(description.definition, name);
  if (!renamed.ok()) return renamed.status();
  description.name = name;
  description.xml = description.definition = *std::move(renamed);
  return absl::OkStatus();
}

absl::Status SimulatedDomains::DropDefinition(const std::string& uuid) {
  const absl::StatusOr<Domain*> domain = Find(uuid);
  if (!domain.ok()) return domain.status();
  (*domain)->description.definition.clear();
  if (!IsActive((*domain)->description)) domains_.erase(uuid);
  return absl::OkStatus();
}

void SimulatedDomains::FailNextStart(std::string text) { next_start_failure_ = std::move(text); }

uint64_t SimulatedDomains::KeysInUse() const {
  uint64_t keys = 0;
  for (const auto& [uuid, domain] : domains_) {
    keys += domain.is_trust_domain && RowOf(domain.description.state).holds_key ? 1 : 0;
  }
  return keys;
}

}  // namespace ccplace
