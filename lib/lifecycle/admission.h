// Whether a trust domain may be made, as far as is known before libvirt is asked. Thread-safe: pure
// functions, but for CheckAttestation, which connects to a socket.
#ifndef CCPLACE_LIB_LIFECYCLE_ADMISSION_H_
#define CCPLACE_LIB_LIFECYCLE_ADMISSION_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "ccplace/v1/domain.pb.h"
#include "ccplace/v1/request.pb.h"
#include "lib/capability/snapshot/snapshot.h"
#include "lib/domain/domain_xml.h"
#include "lib/host/host_files.h"

namespace ccplace {

// What the rules say of a request that may be carried out.
struct AdmissionResult {
  v1::ValidateRequestResponse verdict;
  std::string machine_type;  // In force: what spec, image, flavor and policy come to.
  SecureBoot secure_boot = SecureBoot::kUnstated;  // What flavor or image ask for.
  bool names_secure_boot = false;                  // They allow or require it, in so many words.
};

// Judges the request as such: bounds of every field, the rules for flavor, image and the disks it
// boots from, the machine type in force, and debug against the policy. INVALID_ARGUMENT with every
// offending field (FieldErrorsOf), or PERMISSION_DENIED for debug.
absl::StatusOr<AdmissionResult> Admit(const v1::DefineTdxDomainRequest& request,
                                      const v1::HostPolicy& policy);

// Whether what the host knows of firmware is of guests of `machine_type`: it asks libvirt for one
// machine type, its default (q35, where that is none). What other guests get libvirt alone says.
bool IsFirmwareKnownFor(const std::string& machine_type, const v1::HostPolicy& policy);

// FAILED_PRECONDITION when a gate of intel-tdx failed on this host, the one for firmware left out
// where `firmware_known` is false. What is merely unknown passes: libvirt has the last word.
[[nodiscard]] absl::Status CheckHost(const Snapshot& snapshot, bool firmware_known);

// FAILED_PRECONDITION when the host's firmware for trust domains cannot have secure boot off, or
// on, as is asked. What is unknown passes.
[[nodiscard]] absl::Status CheckSecureBoot(const Snapshot& snapshot, SecureBoot secure_boot);

// FAILED_PRECONDITION when no quote service answers at `socket_path` (empty: libvirt's default),
// UNAVAILABLE when it could not be asked.
[[nodiscard]] absl::Status CheckAttestation(const HostFiles& files, const std::string& socket_path);

}  // namespace ccplace

#endif  // CCPLACE_LIB_LIFECYCLE_ADMISSION_H_
