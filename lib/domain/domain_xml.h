// A trust domain's definition: from specification to libvirt XML, and back to what libvirt made of
// it. Thread-safe: pure functions.
#ifndef CCPLACE_LIB_DOMAIN_DOMAIN_XML_H_
#define CCPLACE_LIB_DOMAIN_DOMAIN_XML_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "ccplace/v1/capability.pb.h"
#include "ccplace/v1/domain.pb.h"

namespace ccplace {

// SEPT_VE_DISABLE (bit 28): EPT violations on private memory never reach the guest as #VE, which
// is what Linux guests demand (Intel TDX module specification, TD ATTRIBUTES).
inline constexpr uint64_t kTdPolicy = 0x10000000;
// DEBUG (bit 0): the host can read and change the trust domain.
inline constexpr uint64_t kTdPolicyDebug = 0x1;

// OK when every field of the request's domain and launch data is present, well formed and within
// the bounds that domain.proto states; else INVALID_ARGUMENT that names every field that is not
// (FieldErrorsOf). Touches no file: paths are checked for form alone.
[[nodiscard]] absl::Status ValidateDomainSpec(const v1::DefineTdxDomainRequest& request);

// SHA-256, lower-case hex, by which a repeat of a request is known. Taken over a deterministic form
// of the whole request with its defaults spelled out, so that leaving a default out and stating it
// are the same; without start, dry_run and require_attestation, which say what to do with the
// domain, and without the names of flavor and image, which are for messages only. All else counts,
// whether or not it shapes the XML: any difference counts. Take it before
// paths are resolved. INTERNAL when OpenSSL fails.
absl::StatusOr<std::string> RequestDigest(const v1::DefineTdxDomainRequest& request);

// What is asked of the firmware's secure boot. kUnstated: libvirt chooses firmware that has it or
// firmware that has not; kOff and kOn: only such firmware will do.
enum class SecureBoot { kUnstated, kOff, kOn };

// What the host's policy adds to the specification.
struct DomainPolicy {
  std::string machine_type;        // In force: what spec, flavor, image and default come to.
  std::string quote_service_path;  // In force; empty: libvirt's default socket.
  SecureBoot secure_boot = SecureBoot::kUnstated;
  // Kept in the metadata, as is the specification's owner.
  std::string request_digest;   // RequestDigest of the request as it was asked.
  std::string defined_at;       // RFC 3339, UTC.
  std::string service_version;  // ccplaced's.
  std::string firmware_path;    // What libvirt is known to choose. Empty: not known.
};

// The domain's XML, indented. `request` must have passed ValidateDomainSpec, and its paths must be
// resolved (WithResolvedPaths). INTERNAL when libxml2 fails or XML cannot hold a text.
absl::StatusOr<std::string> BuildDomainXml(const v1::DefineTdxDomainRequest& request,
                                           const DomainPolicy& policy);

// What an active guest was started with. Kept in its live metadata, which ends with it.
struct LaunchRecord {
  std::string started_at;       // RFC 3339, UTC.
  std::string firmware_path;    // As the host sees it.
  std::string firmware_sha384;  // Of the file at the start: 48 bytes.
  std::string mrtd;             // Of that file: 48 bytes. Empty: was not known.
  std::string tdx_module;       // Its version at the start, the kernel's word. Empty: not known.
};

// What this service wrote into a domain's metadata: one element, for libvirt keeps no second one in
// a namespace.
struct DomainOwnership {
  std::string request_digest;
  std::string owner;
  std::string defined_at;              // RFC 3339, UTC.
  std::string service_version;         // Empty: not stated.
  std::string firmware_path;           // libvirt's choice when it was defined. Empty: not kept.
  std::optional<LaunchRecord> launch;  // Nothing: not started by this service.
};

// The element of DomainOwnership, in no namespace. INTERNAL as BuildDomainXml.
absl::StatusOr<std::string> BuildOwnershipXml(const DomainOwnership& ownership);

// The reverse. Nothing: somebody else wrote it.
std::optional<DomainOwnership> ReadOwnershipXml(absl::string_view xml);

// A disk of a domain that is a file or device of the host.
struct DomainDisk {
  std::string path;
  bool writable = true;
  bool shareable = false;
};

// A vhost-user socket of a domain.
struct DomainSocket {
  std::string path;
  bool listens = false;  // QEMU makes it, in place of what stands there.
};

// What was read out of a domain's XML as libvirt holds it.
struct DefinedDomain {
  std::string uuid;
  std::string name;
  // How its memory is encrypted; UNSPECIFIED: it is not, or in a way unknown here.
  v1::EncryptionModel model = v1::ENCRYPTION_MODEL_UNSPECIFIED;
  std::optional<DomainOwnership> ownership;  // Nothing: defined by somebody else.
  v1::LaunchReference reference;             // All but the firmware's hash.
  bool active = false;                       // It is the XML of one that has a process.
  std::vector<DomainDisk> disks;
  std::vector<DomainSocket> sockets;
  std::vector<std::string> logs;  // Files that its consoles are written to.
};

// Reads a domain's XML. INVALID_ARGUMENT when it is no domain.
absl::StatusOr<DefinedDomain> ReadDomainXml(absl::string_view xml);

}  // namespace ccplace

#endif  // CCPLACE_LIB_DOMAIN_DOMAIN_XML_H_
