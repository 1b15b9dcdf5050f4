// Whatever the head of a disk image holds: one that is taken names no other file by what QEMU's
// docs/interop/qcow2.txt says, read here once more.
#include <cstddef>
#include <cstdint>

#include "lib/domain/qcow2.h"
#include "tests/fuzz/expect.h"

using ccplace::fuzz::Expect;

namespace {

uint64_t NumberAt(const uint8_t* data, size_t offset, size_t bytes) {
  uint64_t number = 0;
  for (size_t i = 0; i < bytes; ++i) number = number * 256 + data[offset + i];
  return number;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::Status checked = ccplace::CheckQcow2Head({reinterpret_cast<const char*>(data), size});
  if (!checked.ok()) {
    ccplace::fuzz::ExpectSaysWhy(checked);
    return 0;
  }
  Expect(size >= 72 && NumberAt(data, 0, 4) == 0x514649fb);
  const uint64_t version = NumberAt(data, 4, 4);
  Expect(version == 2 || (version == 3 && size >= 104));
  Expect(NumberAt(data, 8, 8) == 0);
  // Bit 2: an external data file. From bit 5 on nothing is known.
  Expect(version == 2 || (NumberAt(data, 72, 8) & ~uint64_t{0x1b}) == 0);
  return 0;
}
