#include "lib/base/status.h"

#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"

namespace ccplace {
namespace {

constexpr absl::string_view kFieldsUrl = "ccplace/fields";
constexpr absl::string_view kReasonUrl = "ccplace/reason";
constexpr absl::string_view kSubjectUrl = "ccplace/subject";
// Neither can be in a field's path, and descriptions are printable: both are control characters.
constexpr char kPartSeparator = '\x1f';
constexpr char kFieldSeparator = '\x1e';

void CopyPayloads(const absl::Status& from, absl::Status& to) {
  from.ForEachPayload(
      [&to](absl::string_view url, const absl::Cord& payload) { to.SetPayload(url, payload); });
}

std::string PayloadOf(const absl::Status& status, absl::string_view url) {
  const auto payload = status.GetPayload(url);
  return payload.has_value() ? std::string(*payload) : std::string();
}

}  // namespace

absl::Status InvalidFieldsError(const std::vector<FieldError>& errors) {
  const auto sentence = [](std::string* out, const FieldError& error) {
    absl::StrAppend(out, error.field, ": ", error.description);
  };
  const auto payload = [](std::string* out, const FieldError& error) {
    absl::StrAppend(out, error.field, std::string(1, kPartSeparator), error.description);
  };
  absl::Status status = absl::InvalidArgumentError(absl::StrJoin(errors, "; ", sentence));
  status.SetPayload(kFieldsUrl,
                    absl::Cord(absl::StrJoin(errors, std::string(1, kFieldSeparator), payload)));
  return status;
}

std::vector<FieldError> FieldErrorsOf(const absl::Status& status) {
  std::vector<FieldError> errors;
  const auto payload = status.GetPayload(kFieldsUrl);
  if (!payload.has_value()) return errors;
  const std::string text(*payload);
  for (absl::string_view line : absl::StrSplit(text, kFieldSeparator)) {
    const std::pair<std::string, std::string> parts =
        absl::StrSplit(line, absl::MaxSplits(kPartSeparator, 1));
    errors.push_back({parts.first, parts.second});
  }
  return errors;
}

absl::Status WithContext(const absl::Status& status, absl::string_view context) {
  if (status.ok()) return status;
  absl::Status out(status.code(), absl::StrCat(context, ": ", status.message()));
  CopyPayloads(status, out);
  return out;
}

absl::Status WithReason(absl::Status status, absl::string_view reason, absl::string_view subject) {
  status.SetPayload(kReasonUrl, absl::Cord(reason));
  if (!subject.empty()) status.SetPayload(kSubjectUrl, absl::Cord(subject));
  return status;
}

std::string ReasonOf(const absl::Status& status) { return PayloadOf(status, kReasonUrl); }

std::string SubjectOf(const absl::Status& status) { return PayloadOf(status, kSubjectUrl); }

absl::Status StoppingError() {
  return absl::UnavailableError("the daemon is stopping; connect again with backoff");
}

}  // namespace ccplace
