// Whatever libvirt prints, parsing it ends in facts or in an error that says so.
#include <cstddef>
#include <cstdint>

#include "lib/hypervisor/domain_capabilities.h"
#include "tests/fuzz/expect.h"

using ccplace::fuzz::ExpectSaysWhy;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto parsed = ccplace::ParseDomainCapabilities({reinterpret_cast<const char*>(data), size});
  if (!parsed.ok()) ExpectSaysWhy(parsed.status());
  return 0;
}
