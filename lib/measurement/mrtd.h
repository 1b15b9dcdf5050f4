// MRTD: what the TDX module measures of a trust domain while it is built. Thread-safe: pure
// functions.
#ifndef CCPLACE_LIB_MEASUREMENT_MRTD_H_
#define CCPLACE_LIB_MEASUREMENT_MRTD_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "lib/measurement/tdvf.h"

namespace ccplace {

// In which order a virtual machine monitor adds and measures the pages of a section.
enum class MrtdOrder {
  // Each page is added, then measured. Linux with KVM_TDX_INIT_MEM_REGION, which every mainline
  // kernel (6.16 and later) has.
  kSinglePass,
  // All pages are added, then all are measured: previews of TDX with QEMU 8 on kernels that vendors
  // patched. Their quotes differ from mainline's for the same image.
  kTwoPassQemu8Preview,
};

// MRTD, 48 bytes, of a trust domain that starts with `image`. `tdvf` is what ParseTdvf gave for
// the same bytes. Memory that the guest accepts itself is left out; sections that are not measured
// count by their addresses alone. INTERNAL when OpenSSL fails.
absl::StatusOr<std::string> ComputeMrtd(absl::string_view image, const Tdvf& tdvf,
                                        MrtdOrder order = MrtdOrder::kSinglePass);

// Both steps, with the errors of both.
absl::StatusOr<std::string> MrtdOfImage(absl::string_view image);

}  // namespace ccplace

#endif  // CCPLACE_LIB_MEASUREMENT_MRTD_H_
