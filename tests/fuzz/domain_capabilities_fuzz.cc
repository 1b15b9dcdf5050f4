// Whatever libvirt prints, parsing it ends in facts or in an error that says so.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "lib/hypervisor/domain_capabilities.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto parsed = ccplace::ParseDomainCapabilities({reinterpret_cast<const char*>(data), size});
  if (!parsed.ok() && parsed.status().message().empty()) std::abort();
  return 0;
}
