#include "lib/hypervisor/simulated_domains.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "lib/base/text.h"

namespace ccplace {
namespace {

// What QEMU says when the TDX module has no KeyID left (misc cgroup: ENOSPC).
constexpr absl::string_view kNoKeyLeft =
    "internal error: process exited while connecting to monitor: ioctl(KVM_TDX_INIT_VM) failed: "
    "No space left on device";

absl::Status NotFoundFor(absl::string_view what) {
  return absl::NotFoundError(absl::StrCat("no domain ", Quoted(what)));
}

bool Runs(const DomainDescription& domain) { return domain.state == v1::DOMAIN_STATE_RUNNING; }

}  // namespace

SimulatedDomains::SimulatedDomains(uint64_t tdx_keys, DomainResolution resolution)
    : tdx_keys_(tdx_keys), resolution_(std::move(resolution)) {}

std::vector<DomainDescription> SimulatedDomains::List() const {
  std::vector<DomainDescription> descriptions;
  for (const auto& [uuid, domain] : domains_) descriptions.push_back(domain.description);
  return descriptions;
}

absl::StatusOr<DomainDescription> SimulatedDomains::FindByUuid(const std::string& uuid) const {
  const auto found = domains_.find(uuid);
  if (found == domains_.end()) return NotFoundFor(uuid);
  return found->second.description;
}

absl::StatusOr<DomainDescription> SimulatedDomains::FindByName(const std::string& name) const {
  for (const auto& [uuid, domain] : domains_) {
    if (domain.description.name == name) return domain.description;
  }
  return NotFoundFor(name);
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

absl::StatusOr<DomainDescription> SimulatedDomains::Define(const std::string& xml) {
  const absl::StatusOr<DomainIdentity> identity = Identify(xml);
  if (!identity.ok()) return identity.status();
  absl::StatusOr<std::string> resolved = ResolveDomainXml(xml, resolution_);
  if (!resolved.ok()) return resolved.status();
  Domain& domain = domains_[identity->uuid];
  const bool runs = Runs(domain.description);
  domain.description = {identity->uuid, identity->name,
                        runs ? v1::DOMAIN_STATE_RUNNING : v1::DOMAIN_STATE_SHUT_OFF,
                        *std::move(resolved)};
  domain.is_trust_domain = identity->is_trust_domain;
  return domain.description;
}

absl::StatusOr<bool> SimulatedDomains::Start(const std::string& uuid) {
  const auto found = domains_.find(uuid);
  if (found == domains_.end()) return NotFoundFor(uuid);
  Domain& domain = found->second;
  if (Runs(domain.description)) return false;
  if (!next_start_failure_.empty()) {
    return absl::AbortedError(std::exchange(next_start_failure_, std::string()));
  }
  if (domain.is_trust_domain && KeysInUse() >= tdx_keys_) return absl::AbortedError(kNoKeyLeft);
  domain.description.state = v1::DOMAIN_STATE_RUNNING;
  return true;
}

absl::StatusOr<bool> SimulatedDomains::Stop(const std::string& uuid) {
  const auto found = domains_.find(uuid);
  if (found == domains_.end()) return NotFoundFor(uuid);
  if (!Runs(found->second.description)) return false;
  found->second.description.state = v1::DOMAIN_STATE_SHUT_OFF;
  return true;
}

absl::StatusOr<bool> SimulatedDomains::Undefine(const std::string& uuid) {
  const auto found = domains_.find(uuid);
  if (found == domains_.end()) return false;
  if (Runs(found->second.description)) {
    return absl::FailedPreconditionError(
        absl::StrCat("undefine domain ", Quoted(uuid), ": it runs; stop it first"));
  }
  domains_.erase(found);
  return true;
}

void SimulatedDomains::FailNextStart(std::string text) { next_start_failure_ = std::move(text); }

uint64_t SimulatedDomains::KeysInUse() const {
  uint64_t keys = 0;
  for (const auto& [uuid, domain] : domains_) {
    keys += domain.is_trust_domain && Runs(domain.description) ? 1 : 0;
  }
  return keys;
}

}  // namespace ccplace
