// Whatever a firmware image holds, it is refused with a reason or has an MRTD.
#include <cstddef>
#include <cstdint>

#include "lib/measurement/mrtd.h"
#include "tests/fuzz/expect.h"

using ccplace::fuzz::Expect;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view image(reinterpret_cast<const char*>(data), size);
  const auto tdvf = ccplace::ParseTdvf(image);
  if (!tdvf.ok()) {
    ccplace::fuzz::ExpectSaysWhy(tdvf.status());
    return 0;
  }
  uint64_t added_bytes = 0;
  for (const ccplace::TdvfSection& section : tdvf->sections) {
    if (!section.augmented()) added_bytes += section.memory_bytes;
  }
  Expect(added_bytes <= ccplace::kTdvfAddedLimitBytes);
  // More pages go through the same code, and hashing them is all that an execution then does.
  constexpr uint64_t kQuickBytes = 4 * ccplace::kTdxPageBytes;
  if (added_bytes <= kQuickBytes) {
    constexpr size_t kMrtdBytes = 48;
    const auto mrtd = ccplace::ComputeMrtd(image, *tdvf);
    Expect(mrtd.ok() && mrtd->size() == kMrtdBytes);
  }
  return 0;
}
