// What the host's TDX firmware measures to.
#ifndef CCPLACE_LIB_CAPABILITY_FACTS_FIRMWARE_MEASURER_H_
#define CCPLACE_LIB_CAPABILITY_FACTS_FIRMWARE_MEASURER_H_

#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "lib/host/firmware.h"
#include "lib/host/host_files.h"

namespace ccplace {

// One firmware file, both of the same reading. A plain value.
struct FirmwareMeasurement {
  absl::StatusOr<std::string> sha384 = absl::UnknownError("not measured yet");  // 48 bytes.
  absl::StatusOr<std::string> mrtd = absl::UnknownError("not measured yet");    // 48 bytes.
  size_t bytes = 0;  // Of the file; meaningless without sha384.
};

// By path of the file, as the host sees it.
using FirmwareMeasurements = std::map<std::string, FirmwareMeasurement>;

// The entry for `path`; one that is not there was not measured.
FirmwareMeasurement MeasurementOf(const FirmwareMeasurements& measurements,
                                  const std::string& path);

// Measures each content once: a file that did not change costs a look at its state, a new one of
// 4 MiB some 30 ms. Not thread-safe: the one thread that reads files, no serving one.
class FirmwareMeasurer {
 public:
  explicit FirmwareMeasurer(std::shared_ptr<const HostFiles> files);

  // What a content is known to measure to, which is then not measured. `known` has both values.
  void Know(const FirmwareMeasurement& known);

  // Measures every file that a descriptor of the catalog offers to trust domains, and those at
  // `paths`, which libvirt names.
  FirmwareMeasurements Measure(const FirmwareCatalog& catalog,
                               const std::vector<std::string>& paths = {});

 private:
  FirmwareMeasurement MeasureFile(const std::string& path);

  const std::shared_ptr<const HostFiles> files_;
  std::map<std::string, FirmwareMeasurement> known_;  // By the content's SHA-384.
};

}  // namespace ccplace

#endif  // CCPLACE_LIB_CAPABILITY_FACTS_FIRMWARE_MEASURER_H_
