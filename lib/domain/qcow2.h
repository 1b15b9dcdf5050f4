// The head of a QCOW2 image, which can name other files of the host. Thread-safe: a pure function.
#ifndef CCPLACE_LIB_DOMAIN_QCOW2_H_
#define CCPLACE_LIB_DOMAIN_QCOW2_H_

#include <cstddef>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace ccplace {

// Bytes of an image that CheckQcow2Head needs.
inline constexpr size_t kQcow2HeadBytes = 104;

// OK when `head`, the first kQcow2HeadBytes of an image, is a QCOW2 header that refers to no other
// file: neither a backing file nor an external data file, and nothing that is not known. Whoever
// wrote the image chose those names, and QEMU would open them without regard to the allowed
// prefixes. Else FAILED_PRECONDITION with the remedy.
[[nodiscard]] absl::Status CheckQcow2Head(absl::string_view head);

}  // namespace ccplace

#endif  // CCPLACE_LIB_DOMAIN_QCOW2_H_
