#include "lib/hypervisor/simulated_domain_capabilities.h"

namespace ccplace {
namespace embedded {

// Made from the file by ccplace_embed (cmake/CcplaceEmbed.cmake).
extern const char simulated_domain_capabilities[];
extern const unsigned long simulated_domain_capabilities_size;

}  // namespace embedded

absl::string_view SimulatedDomainCapabilitiesXml() {
  return absl::string_view(embedded::simulated_domain_capabilities,
                           embedded::simulated_domain_capabilities_size);
}

}  // namespace ccplace
