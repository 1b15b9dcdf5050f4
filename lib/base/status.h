// Builders of Status that two rooms need. Thread-safe: pure functions.
#ifndef CCPLACE_LIB_BASE_STATUS_H_
#define CCPLACE_LIB_BASE_STATUS_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace ccplace {

// One malformed field of a request.
struct FieldError {
  std::string field;        // Path of the field, as "domain.disks[2].file.path".
  std::string description;  // What was found and what is allowed; ends with the remedy.
};

// INVALID_ARGUMENT that names every field in `errors` (at least one); the list travels with the
// status and can be had back with FieldErrorsOf.
[[nodiscard]] absl::Status InvalidFieldsError(const std::vector<FieldError>& errors);

// The list that InvalidFieldsError put into `status`; empty for any other status.
std::vector<FieldError> FieldErrorsOf(const absl::Status& status);

// `status` with `context` and ": " before its message; code and payloads are kept.
[[nodiscard]] absl::Status WithContext(const absl::Status& status, absl::string_view context);

// A machine-readable reason on a status ("NO_FREE_KEY"), for callers that would branch on it:
// upper case, "_" between words, unique in ccplace. `subject`: what it is about, as a domain's
// UUID, a field or a path; empty: the request as a whole.
[[nodiscard]] absl::Status WithReason(absl::Status status, absl::string_view reason,
                                      absl::string_view subject = "");

// The reason that WithReason put there; empty when there is none.
std::string ReasonOf(const absl::Status& status);

// The subject that WithReason put there; empty when there is none.
std::string SubjectOf(const absl::Status& status);

// UNAVAILABLE, for calls that come, or go on, while the daemon stops.
[[nodiscard]] absl::Status StoppingError();

}  // namespace ccplace

#endif  // CCPLACE_LIB_BASE_STATUS_H_
