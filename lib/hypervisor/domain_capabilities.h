// libvirt's domain capabilities: what guests of one machine and virt type may be made of.
#ifndef CCPLACE_LIB_HYPERVISOR_DOMAIN_CAPABILITIES_H_
#define CCPLACE_LIB_HYPERVISOR_DOMAIN_CAPABILITIES_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace ccplace {

// An element's supported='yes|no'. Absent: this libvirt does not know the element.
enum class Offer { kAbsent, kNo, kYes };

// As far as it matters here (libvirt, formatdomaincaps.html). A plain value.
struct DomainCapabilities {
  std::string emulator;   // Path of the QEMU binary; empty where the driver has none.
  std::string virt_type;  // "kvm", "qemu", "test".
  std::string machine;    // Full name, as "pc-q35-11.1"; empty where the driver has none.
  std::string architecture;
  // Firmware files that libvirt found through its descriptors when it probed QEMU; empty: it names
  // none (an old libvirt), which says nothing.
  std::vector<std::string> loaders;
  // Whether the loader's <enum name='secure'> has "yes": there is firmware that needs SMM.
  Offer secure_loader = Offer::kAbsent;
  std::vector<std::string> cpu_modes;  // Those with supported='yes'.
  Offer tdx = Offer::kAbsent;
  Offer sev = Offer::kAbsent;
  std::optional<uint64_t> sev_max_guests;     // <maxGuests>; nothing: not stated or no number.
  std::optional<uint64_t> sev_max_es_guests;  // <maxESGuests>; the same.
  Offer launch_security = Offer::kAbsent;
  std::vector<std::string> sectypes;  // Of launchSecurity; meaningless while it is absent.
};

// Longest XML that is parsed: ten times what libvirt 12.8 prints.
inline constexpr size_t kDomainCapabilitiesLimitBytes = size_t{2} * 1024 * 1024;

// Reads them in one pass, without network or entities. INVALID_ARGUMENT when `xml` is malformed,
// too long, or not <domainCapabilities>. Thread-safe.
absl::StatusOr<DomainCapabilities> ParseDomainCapabilities(absl::string_view xml);

}  // namespace ccplace

#endif  // CCPLACE_LIB_HYPERVISOR_DOMAIN_CAPABILITIES_H_
