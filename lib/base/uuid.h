// UUIDs as text. Thread-safe: a pure function.
#ifndef CCPLACE_LIB_BASE_UUID_H_
#define CCPLACE_LIB_BASE_UUID_H_

#include "absl/strings/string_view.h"

namespace ccplace {

// Whether `text` is RFC 4122's text form, in lower case.
bool IsUuid(absl::string_view text);

}  // namespace ccplace

#endif  // CCPLACE_LIB_BASE_UUID_H_
