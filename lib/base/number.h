// Numbers from text that others wrote. Thread-safe: pure functions.
#ifndef CCPLACE_LIB_BASE_NUMBER_H_
#define CCPLACE_LIB_BASE_NUMBER_H_

#include <charconv>
#include <cstdint>
#include <optional>
#include <system_error>

#include "absl/strings/string_view.h"

namespace ccplace {

// The value of a string made of decimal digits alone (no sign, no space, no prefix); nothing when
// it is anything else or does not fit 64 bits.
inline std::optional<uint64_t> ParseDecimal(absl::string_view text) {
  uint64_t value = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || stop != end || text.empty()) return std::nullopt;
  return value;
}

}  // namespace ccplace

#endif  // CCPLACE_LIB_BASE_NUMBER_H_
