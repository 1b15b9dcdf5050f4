#include "lib/observability/duration_flag.h"

namespace ccplace {

bool AbslParseFlag(absl::string_view text, DurationFlag* flag, std::string* error) {
  if (absl::ParseDuration(text, &flag->value)) return true;
  *error = "give a number and its unit, as 300ms, 30s, 5m or 2h";
  return false;
}

std::string AbslUnparseFlag(const DurationFlag& flag) { return absl::FormatDuration(flag.value); }

}  // namespace ccplace
