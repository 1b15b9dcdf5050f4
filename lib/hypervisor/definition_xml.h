// What a hypervisor must know of a domain's XML itself. Thread-safe: pure functions.
#ifndef CCPLACE_LIB_HYPERVISOR_DEFINITION_XML_H_
#define CCPLACE_LIB_HYPERVISOR_DEFINITION_XML_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "lib/hypervisor/hypervisor.h"

namespace ccplace {

// What identifies a domain, and what libvirt keeps beside it.
struct DomainIdentity {
  std::string uuid;  // As written there; empty: libvirt would make one.
  std::string name;
  bool has_nvram = false;        // A firmware variable store.
  bool is_trust_domain = false;  // <launchSecurity type='tdx'>.
};

// INVALID_ARGUMENT: no well-formed <domain> with a name.
absl::StatusOr<DomainIdentity> ReadDomainIdentity(absl::string_view xml);

// What libvirt fills in where a definition leaves the choice to it.
struct DomainResolution {
  std::string machine_type;   // For machine "q35".
  std::string firmware_path;  // For a stateless loader without a path. It has secure boot.
};

// `xml` with these choices made, as libvirt 12.8 writes them. INVALID_ARGUMENT as above;
// FAILED_PRECONDITION: it demands firmware without secure boot.
absl::StatusOr<std::string> ResolveDomainXml(absl::string_view xml,
                                             const DomainResolution& resolution);

// The firmware's path in what ResolveDomainXml made; empty: none. INVALID_ARGUMENT as above.
absl::StatusOr<std::string> LoaderPathOf(absl::string_view xml);

// `xml` with `metadata` as the one element of its namespace, as libvirt sets it. INVALID_ARGUMENT:
// either is not well-formed.
absl::StatusOr<std::string> WithMetadata(absl::string_view xml, const DomainMetadata& metadata);

// The element that WithMetadata put in that namespace, in none; empty where there is none.
// INVALID_ARGUMENT: `xml` is not well-formed.
absl::StatusOr<std::string> MetadataIn(absl::string_view xml, absl::string_view space);

// `xml` under another name, as libvirt renames. INVALID_ARGUMENT as above.
absl::StatusOr<std::string> WithName(absl::string_view xml, const std::string& name);

}  // namespace ccplace

#endif  // CCPLACE_LIB_HYPERVISOR_DEFINITION_XML_H_
