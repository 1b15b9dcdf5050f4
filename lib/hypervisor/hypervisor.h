// The hypervisor: what ccplace asks of libvirt.
#ifndef CCPLACE_LIB_HYPERVISOR_HYPERVISOR_H_
#define CCPLACE_LIB_HYPERVISOR_HYPERVISOR_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "ccplace/v1/domain.pb.h"

namespace ccplace {

// Versions as "major.minor.release".
struct HypervisorVersions {
  std::string libvirt;
  std::string hypervisor;  // QEMU's; empty where libvirt states none.
  // Number of the connection that answered; it differs after a reconnect.
  uint64_t connection = 0;
};

// A domain as libvirt holds it.
struct DomainDescription {
  std::string uuid;  // Canonical, lower case.
  std::string name;
  v1::DomainState state = v1::DOMAIN_STATE_UNSPECIFIED;
  // In force: of an active domain what its QEMU was started with (live), else the definition.
  // Without security-sensitive data.
  std::string xml;
  absl::Status unread = absl::OkStatus();  // From ListDomains alone: why there is no xml.
  // Of one domain that was asked for, not from ListDomains: the persistent definition, which the
  // next start takes. Empty: it has none (transient).
  std::string definition = {};
};

// An element of a domain's metadata.
struct DomainMetadata {
  std::string space;   // Namespace. libvirt keeps one element in each.
  std::string prefix;  // By which libvirt writes that namespace.
  std::string xml;     // The element, in no namespace: libvirt puts it, and all in it, in `space`.
};

// What stands in one namespace of a domain's metadata: the element as in DomainMetadata, empty
// where there is none.
struct FoundMetadata {
  v1::DomainState state = v1::DOMAIN_STATE_UNSPECIFIED;
  std::string in_force = {};                   // As DomainDescription::xml.
  std::optional<std::string> definition = {};  // Nothing: it has none (transient).
};

// Whose metadata: the persistent definition's or the running guest's.
enum class MetadataSide { kDefinition, kActiveGuest };

// What woke the listener.
enum class HypervisorEvent { kDomainChanged, kConnectionLost };

// A hypervisor. Thread-safe. Every call may block for as long as libvirt does: never call it from
// a thread that serves requests.
//
// Every call fails with UNAVAILABLE when there is no connection (the next call connects again).
// Other codes carry libvirt's own text.
//
// A guest whose QEMU has left libvirt without an answer for a second cannot be described: libvirt
// gives its XML out once QEMU answers. FAILED_PRECONDITION, kDomainHeld.
//
//   LibvirtHypervisor hypervisor(LibvirtOptions{});  // In tests: SimulatedHypervisor.
//   auto domain = hypervisor.Define(xml);
//   if (!domain.ok()) return domain.status();
//   absl::Status started = hypervisor.Start(domain->uuid);
//   auto now = hypervisor.FindByUuid(domain->uuid);  // now->state: running.
class Hypervisor {
 public:
  virtual ~Hypervisor() = default;

  virtual absl::StatusOr<HypervisorVersions> Versions() = 0;

  // Domain capabilities of the default emulator for x86_64, as XML.
  // INVALID_ARGUMENT: no such machine or virt type, or no emulator.
  virtual absl::StatusOr<std::string> DomainCapabilitiesXml(const std::string& machine,
                                                            const std::string& virt_type) = 0;

  // Capabilities of the host, as XML.
  virtual absl::StatusOr<std::string> CapabilitiesXml() = 0;

  // Every domain, defined and transient. One that cannot be described fails nothing but itself: its
  // `unread` says why, and the next call asks for it again.
  virtual absl::StatusOr<std::vector<DomainDescription>> ListDomains() = 0;

  // NOT_FOUND when there is none, as the two that follow.
  virtual absl::StatusOr<DomainDescription> FindByUuid(const std::string& uuid) = 0;
  virtual absl::StatusOr<DomainDescription> FindByName(const std::string& name) = 0;
  // Also of a domain that cannot be described.
  virtual absl::StatusOr<FoundMetadata> FindMetadata(const std::string& uuid,
                                                     const std::string& space) = 0;

  // Defines a persistent domain, validated against libvirt's own schema. ALREADY_EXISTS: name or
  // uuid taken by another. FAILED_PRECONDITION: libvirt refuses the definition.
  virtual absl::StatusOr<DomainDescription> Define(const std::string& xml) = 0;

  // QEMU's command line for a domain of this XML (FirmwareOfCommandLine), with every choice made as
  // a definition makes it; nothing is defined. FAILED_PRECONDITION: libvirt refuses the domain.
  // PERMISSION_DENIED, UNIMPLEMENTED: it translates none (a read-only connection; another driver).
  // RESOURCE_EXHAUSTED: libvirt ran out of files or memory over it.
  virtual absl::StatusOr<std::string> TranslateToNative(const std::string& xml) = 0;

  // Starts a defined domain. OK when it is active already. NOT_FOUND; ABORTED: it could not be
  // started.
  virtual absl::Status Start(const std::string& uuid) = 0;

  // Puts `metadata` in place of what is in its namespace, and describes the domain as it then is.
  // Of an active guest, it stays until the guest ends, whatever becomes of the definition.
  // NOT_FOUND; FAILED_PRECONDITION: there is no such side of the domain.
  virtual absl::StatusOr<DomainDescription> SetMetadata(const std::string& uuid, MetadataSide side,
                                                        const DomainMetadata& metadata) = 0;

  // Stops a domain at once. OK when it is not active. NOT_FOUND.
  virtual absl::Status Stop(const std::string& uuid) = 0;

  // Removes a definition of a domain that is not active. OK when there is none.
  virtual absl::Status Undefine(const std::string& uuid) = 0;

  // Has `listener` called, on a thread of the hypervisor's own, after domains changed or the
  // connection was lost. At most one listener; an empty function takes it away, and returns only
  // when no call to it is under way. The listener must not call back into the hypervisor.
  virtual void SetListener(std::function<void(HypervisorEvent)> listener) = 0;
};

// Reasons (ReasonOf) of errors of Hypervisor, by which cause and remedy are known.
inline constexpr absl::string_view kDomainHeld = "DOMAIN_HELD";
inline constexpr absl::string_view kLibvirtReadOnly = "LIBVIRT_READ_ONLY";
inline constexpr absl::string_view kLibvirtWantsSasl = "LIBVIRT_WANTS_SASL";
inline constexpr absl::string_view kLibvirtRefusesUser = "LIBVIRT_REFUSES_USER";

// Why a domain cannot be described, with the remedy. `attempted` as of StatusFromLibvirt.
[[nodiscard]] absl::Status DomainHeldError(absl::string_view attempted, absl::string_view uuid);

// The cause and what to do about it, by the status' reason; empty for any other status. Pure.
absl::string_view AccessRemedy(const absl::Status& status);

}  // namespace ccplace

#endif  // CCPLACE_LIB_HYPERVISOR_HYPERVISOR_H_
