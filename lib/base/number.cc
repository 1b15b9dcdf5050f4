#include "lib/base/number.h"

#include <charconv>

namespace ccplace {

std::optional<uint64_t> ParseDecimal(absl::string_view text) {
  uint64_t value = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || stop != end || text.empty()) return std::nullopt;
  return value;
}

}  // namespace ccplace
