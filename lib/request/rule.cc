#include "lib/request/rule.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "lib/base/text.h"

namespace ccplace::rules {
namespace {

absl::string_view KindOf(v1::OffenderOrigin origin) {
  switch (origin) {
    case v1::OFFENDER_ORIGIN_FLAVOR:
      return "flavor extra spec ";
    case v1::OFFENDER_ORIGIN_IMAGE:
      return "image property ";
    case v1::OFFENDER_ORIGIN_DEVICE:
      return "block device ";
    case v1::OFFENDER_ORIGIN_HOST:
      return "host option ";
    default:
      return "";
  }
}

std::string KeyOf(const Setting& setting) {
  if (setting.device.empty()) return Printable(setting.key);
  return Printable(absl::StrCat(setting.device, ".", setting.key));
}

void AppendDescription(const Setting& setting, std::string& text) {
  absl::StrAppend(&text, KindOf(setting.origin), KeyOf(setting));
  if (setting.value == nullptr) {
    absl::StrAppend(&text, " is not set");
  } else {
    absl::StrAppend(&text, " is ", Quoted(*setting.value));
  }
}

template <typename Message>
void Fill(const OffendingSettings& offenders, absl::string_view end, absl::string_view remedy,
          Message& message) {
  for (const Setting& setting : offenders) {
    v1::Offender& offender = *message.add_offenders();
    offender.set_origin(setting.origin);
    offender.set_key(KeyOf(setting));
    if (setting.value != nullptr) offender.set_value(Printable(*setting.value));
  }
  message.set_message(SentenceOf(offenders, end));
  message.set_remedy(remedy.data(), remedy.size());
}

}  // namespace

std::string SentenceOf(const OffendingSettings& offenders, absl::string_view end) {
  constexpr size_t kUsualDescriptions = 128;
  std::string text;
  text.reserve(end.size() + kUsualDescriptions);
  for (const Setting& setting : offenders) {
    if (!text.empty()) text += ", ";
    AppendDescription(setting, text);
  }
  absl::StrAppend(&text, ": ", end, ".");
  return text;
}

void FillViolation(const Rule& rule, const OffendingSettings& offenders, v1::Violation& violation) {
  violation.set_reason(rule.reason);
  Fill(offenders, rule.requirement, rule.remedy, violation);
}

void FillWarning(const WarningRule& rule, const OffendingSettings& about, v1::Warning& warning) {
  warning.set_reason(rule.reason);
  warning.set_runs_unencrypted(TellsOfMistake(rule));
  Fill(about, rule.meaning, rule.remedy, warning);
}

}  // namespace ccplace::rules
