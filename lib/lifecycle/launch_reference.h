// Of which firmware a guest's reference values are. Thread-safe: functions without a state.
#ifndef CCPLACE_LIB_LIFECYCLE_LAUNCH_REFERENCE_H_
#define CCPLACE_LIB_LIFECYCLE_LAUNCH_REFERENCE_H_

#include <chrono>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "ccplace/v1/capability.pb.h"
#include "ccplace/v1/domain.pb.h"
#include "lib/domain/domain_xml.h"
#include "lib/host/host_files.h"
#include "lib/hypervisor/hypervisor.h"

namespace ccplace {

// The reference values of `domain`, whose XML in force says `defined`: of an active guest those of
// its start, where they were kept. Reads the firmware file. MRTD follows from `known` where that is
// the same file.
v1::LaunchReference ReferenceOf(const HostFiles& files, const DomainDescription& domain,
                                const DefinedDomain& defined, const v1::HostCapabilities& known);

// A start, so that what the guest was started with is known for as long as it is active.
class LaunchWitness {
 public:
  // Before the start: hashes the firmware that it will load, and reads the TDX module's version.
  LaunchWitness(const HostFiles& files, std::string firmware_path);

  // After it: what can be kept of it. Nothing when the file could not be read, or changed
  // meanwhile. MRTD is there where `measured` is of the same content, the module's version where it
  // could be read and is the same still.
  std::optional<LaunchRecord> RecordAt(std::chrono::system_clock::time_point now,
                                       const v1::TdxFirmware& measured) const;

 private:
  std::string ModuleAtStart() const;

  const HostFiles& files_;
  const std::string firmware_path_;
  const absl::StatusOr<std::string> before_;
  const absl::StatusOr<std::string> module_before_;
};

// Puts `ownership` into that side of the domain, whose description it answers with. Fails as
// Hypervisor::SetMetadata.
absl::StatusOr<DomainDescription> KeepOwnership(Hypervisor& hypervisor, const std::string& uuid,
                                                MetadataSide side,
                                                const DomainOwnership& ownership);

}  // namespace ccplace

#endif  // CCPLACE_LIB_LIFECYCLE_LAUNCH_REFERENCE_H_
