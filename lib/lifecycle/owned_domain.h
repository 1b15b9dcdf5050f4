// A domain that has the UUID already, and whether this service defined it. Thread-safe: pure
// functions.
#ifndef CCPLACE_LIB_LIFECYCLE_OWNED_DOMAIN_H_
#define CCPLACE_LIB_LIFECYCLE_OWNED_DOMAIN_H_

#include <chrono>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "lib/base/clock.h"
#include "lib/domain/parsed_domain_cache.h"
#include "lib/hypervisor/hypervisor.h"

namespace ccplace {

// What `domain`'s XML in force says, when this service defined it; `parsed_domains` remembers it.
// FAILED_PRECONDITION when somebody else did; INTERNAL when libvirt's XML cannot be read.
absl::StatusOr<DefinedDomain> ReadOwnedDomain(const DomainDescription& domain,
                                              ParsedDomainCache& parsed_domains);

// The same of its persistent definition, which somebody else may have put under an active guest.
// Nothing: it has none.
absl::StatusOr<std::optional<DefinedDomain>> ReadOwnedDefinition(const DomainDescription& domain);

// OK when `metadata` (FindMetadata of kOwnershipNamespace, of the domain `uuid`) says that this
// service defined it: what is in force and, where there is one, the definition. Else
// FAILED_PRECONDITION.
[[nodiscard]] absl::Status CheckOwned(const std::string& uuid, const FoundMetadata& metadata);

// DEADLINE_EXCEEDED when `deadline` has passed before `step` ("defining the domain") was begun.
[[nodiscard]] absl::Status CheckTimeLeft(const Clock& clock,
                                         std::chrono::steady_clock::time_point deadline,
                                         absl::string_view step);

}  // namespace ccplace

#endif  // CCPLACE_LIB_LIFECYCLE_OWNED_DOMAIN_H_
