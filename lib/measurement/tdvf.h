// TDX metadata of a guest firmware image: which parts of it a virtual machine monitor adds to a
// trust domain, and which of those are measured. Source: Intel TDX Virtual Firmware Design Guide,
// "TDVF Metadata"; OVMF states the metadata's place in its table of GUIDed entries, td-shim at a
// fixed offset from the end. Thread-safe: pure functions and plain values.
#ifndef CCPLACE_LIB_MEASUREMENT_TDVF_H_
#define CCPLACE_LIB_MEASUREMENT_TDVF_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace ccplace {

// Bounds of what is accepted. Real images are 2 to 16 MiB, with 5 to 12 sections.
inline constexpr size_t kTdvfImageLimitBytes = size_t{64} * 1024 * 1024;
inline constexpr uint32_t kTdvfSectionLimit = 64;
// Memory added before the start, over all sections; what is accepted later does not count.
inline constexpr uint64_t kTdvfAddedLimitBytes = uint64_t{128} * 1024 * 1024;
inline constexpr uint64_t kTdxPageBytes = 4096;

// One entry of the metadata, as the image states it. Addresses are guest physical.
struct TdvfSection {
  uint32_t raw_offset = 0;  // In the image, bytes.
  uint32_t raw_bytes = 0;   // At most memory_bytes; the rest of the memory is zero.
  uint64_t memory_address = 0;
  uint64_t memory_bytes = 0;
  uint32_t type = 0;
  uint32_t attributes = 0;

  // Its content goes into MRTD (attribute MR.EXTEND).
  bool measured() const { return (attributes & 1U) != 0; }
  // The guest accepts this memory itself (attribute PAGE.AUG): no part of MRTD.
  bool augmented() const { return (attributes & 2U) != 0; }
};

// Where the image says its metadata is.
enum class TdvfOrigin { kOvmfTable, kTdShimOffset };

struct Tdvf {
  TdvfOrigin origin = TdvfOrigin::kOvmfTable;
  std::vector<TdvfSection> sections;  // In the image's order, which MRTD depends on.
};

// "BFV", "TD_HOB"; "type 9" for a type that the design guide does not name.
std::string TdvfSectionTypeName(uint32_t type);

// Reads the metadata of `image`, the whole file. FAILED_PRECONDITION: no TDVF at all (an image
// without metadata, an IGVM file). INVALID_ARGUMENT: metadata that breaks a bound; the message
// names section and bound. A returned value is safe to measure: every section lies in the image and
// in the guest's address space, in whole pages, and no two share memory.
absl::StatusOr<Tdvf> ParseTdvf(absl::string_view image);

}  // namespace ccplace

#endif  // CCPLACE_LIB_MEASUREMENT_TDVF_H_
