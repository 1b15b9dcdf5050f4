// UUIDs made from names: the same name gives the same UUID. Thread-safe: pure functions.
#ifndef CCPLACE_LIB_PLACEMENT_UUID_V5_H_
#define CCPLACE_LIB_PLACEMENT_UUID_V5_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace ccplace {

// The version 5 UUID (RFC 9562, 5.5) of `name` in the namespace of another UUID, in lower case with
// dashes. INVALID_ARGUMENT when `namespace_uuid` is not 32 hex digits, dashes as usual or none;
// INTERNAL when OpenSSL has no SHA-1.
absl::StatusOr<std::string> UuidV5(absl::string_view namespace_uuid, absl::string_view name);

}  // namespace ccplace

#endif  // CCPLACE_LIB_PLACEMENT_UUID_V5_H_
