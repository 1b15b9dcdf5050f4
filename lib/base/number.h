// Numbers from text that others wrote. Thread-safe: pure functions.
#ifndef CCPLACE_LIB_BASE_NUMBER_H_
#define CCPLACE_LIB_BASE_NUMBER_H_

#include <cstdint>
#include <optional>

#include "absl/strings/string_view.h"

namespace ccplace {

// The value of a string made of decimal digits alone (no sign, no space, no prefix); nothing when
// it is anything else or does not fit 64 bits.
std::optional<uint64_t> ParseDecimal(absl::string_view text);

}  // namespace ccplace

#endif  // CCPLACE_LIB_BASE_NUMBER_H_
