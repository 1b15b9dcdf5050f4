// Where in a firmware image its TDX metadata is. Thread-safe: pure functions.
#ifndef CCPLACE_LIB_MEASUREMENT_TDVF_PLACE_H_
#define CCPLACE_LIB_MEASUREMENT_TDVF_PLACE_H_

#include <cstddef>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "lib/measurement/tdvf.h"

namespace ccplace {

struct TdvfPlace {
  TdvfOrigin origin = TdvfOrigin::kOvmfTable;
  size_t offset = 0;  // Of the descriptor, from the image's first byte; below the image's size.
};

// Finds it by OVMF's table of GUIDed entries, else by td-shim's offset. Errors as ParseTdvf.
absl::StatusOr<TdvfPlace> FindTdvfMetadata(absl::string_view image);

}  // namespace ccplace

#endif  // CCPLACE_LIB_MEASUREMENT_TDVF_PLACE_H_
