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
  absl::StatusOr<FoundMetadata> FindMetadata(const std::string& uuid,
                                             const std::string& space) const;
  absl::StatusOr<DomainDescription> Define(const std::string& xml);

  absl::StatusOr<DomainDescription> SetMetadata(const std::string& uuid, MetadataSide side,
                                                const DomainMetadata& metadata);

  // Each: whether it changed anything.
  absl::StatusOr<bool> Start(const std::string& uuid);
  absl::StatusOr<bool> Stop(const std::string& uuid);
  absl::StatusOr<bool> Undefine(const std::string& uuid);

  // The next start that has something to start fails as libvirt does, with this text.
  void FailNextStart(std::string text);

  // What others do to a domain. NOT_FOUND; FAILED_PRECONDITION: libvirt refuses it.
  absl::Status SetActiveState(const std::string& uuid, v1::DomainState state);
  absl::Status Hold(const std::string& uuid);
  absl::Status Rename(const std::string& uuid, const std::string& name);
  absl::Status DropDefinition(const std::string& uuid);  // One that is active becomes transient.

  uint64_t KeysInUse() const;

 private:
  struct Domain {
    DomainDescription description;  // As FindByUuid answers: what is in force and the definition.
    bool is_trust_domain = false;   // By what is in force.
    bool is_held = false;           // It cannot be described until it is stopped.
  };

  static absl::StatusOr<DomainDescription> Describe(const Domain& domain);
  absl::StatusOr<Domain*> Find(const std::string& uuid);
  absl::StatusOr<DomainIdentity> Identify(const std::string& xml) const;

  const uint64_t tdx_keys_;
  const DomainResolution resolution_;
  std::map<std::string, Domain> domains_;  // By uuid.
  std::string next_start_failure_;
};

}  // namespace ccplace

#endif  // CCPLACE_LIB_HYPERVISOR_SIMULATED_DOMAINS_H_
