// The domains that the simulated hypervisor holds, and the keys they take.
#ifndef CCPLACE_LIB_HYPERVISOR_SIMULATED_DOMAINS_H_
#define CCPLACE_LIB_HYPERVISOR_SIMULATED_DOMAINS_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "lib/hypervisor/definition_xml.h"
#include "lib/hypervisor/hypervisor.h"

namespace ccplace {

// Answers with the codes of Hypervisor. Not thread-safe.
class SimulatedDomains {
 public:
  // tdx_keys: a trust domain holds one while it runs. resolution: what libvirt fills in.
  SimulatedDomains(uint64_t tdx_keys, DomainResolution resolution);

  std::vector<DomainDescription> List() const;
  absl::StatusOr<DomainDescription> FindByUuid(const std::string& uuid) const;
  absl::StatusOr<DomainDescription> FindByName(const std::string& name) const;
  absl::StatusOr<DomainDescription> Define(const std::string& xml);

  // Each: whether it changed anything.
  absl::StatusOr<bool> Start(const std::string& uuid);
  absl::StatusOr<bool> Stop(const std::string& uuid);
  absl::StatusOr<bool> Undefine(const std::string& uuid);

  // The next start that has something to start fails as libvirt does, with this text.
  void FailNextStart(std::string text);

  uint64_t KeysInUse() const;

 private:
  struct Domain {
    DomainDescription description;
    bool is_trust_domain = false;
  };

  absl::StatusOr<DomainIdentity> Identify(const std::string& xml) const;

  const uint64_t tdx_keys_;
  const DomainResolution resolution_;
  std::map<std::string, Domain> domains_;  // By uuid.
  std::string next_start_failure_;
};

}  // namespace ccplace

#endif  // CCPLACE_LIB_HYPERVISOR_SIMULATED_DOMAINS_H_
