// A length of time on the command line. Thread-safe: pure functions.
#ifndef CCPLACE_LIB_OBSERVABILITY_DURATION_FLAG_H_
#define CCPLACE_LIB_OBSERVABILITY_DURATION_FLAG_H_

#include <chrono>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace ccplace {

// For Abseil's flags: as absl::Duration, whose own error does not say how a time is written.
struct DurationFlag {
  std::chrono::milliseconds milliseconds() const { return absl::ToChronoMilliseconds(value); }

  absl::Duration value;
};

// Takes what absl::ParseDuration takes; `error` says how, where `text` is none.
inline bool AbslParseFlag(absl::string_view text, DurationFlag* flag, std::string* error) {
  if (absl::ParseDuration(text, &flag->value)) return true;
  *error = "give a number and its unit, as 300ms, 30s, 5m or 2h";
  return false;
}

inline std::string AbslUnparseFlag(const DurationFlag& flag) {
  return absl::FormatDuration(flag.value);
}

}  // namespace ccplace

#endif  // CCPLACE_LIB_OBSERVABILITY_DURATION_FLAG_H_
