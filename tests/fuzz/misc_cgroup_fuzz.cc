// Whatever the misc controller's file holds, a count is a number or an error: never a crash, and
// never a 0 where the name stands there with something that is no number.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "lib/host/misc_cgroup.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const ccplace::MiscCounts counts("/sys/fs/cgroup/misc.capacity",
                                   {reinterpret_cast<const char*>(data), size});
  for (const char* name : {"tdx", "sev", "sev_es", ""}) {
    const auto count = counts.Count(name);
    if (!count.ok() && count.status().message().empty()) std::abort();
    if (count.ok() && *count > 0 && !counts.Has(name)) std::abort();
  }
  return 0;
}
