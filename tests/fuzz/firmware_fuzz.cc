// Whatever a firmware descriptor holds, parsing it ends in a descriptor or in an error.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "lib/host/firmware.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto parsed = ccplace::ParseFirmwareDescriptor("/usr/share/qemu/firmware/60-fuzz.json",
                                                       {reinterpret_cast<const char*>(data), size});
  if (!parsed.ok()) {
    if (parsed.status().message().empty()) std::abort();
    return 0;
  }
  // What was accepted can be asked about.
  ccplace::HasFeature(*parsed, "intel-tdx");
  ccplace::IsForMachine(*parsed, "x86_64", "pc-q35-9.2");
  return 0;
}
