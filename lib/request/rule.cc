#include "lib/request/rule.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
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

std::string Describe(const Setting& setting) {
  const std::string key = KeyOf(setting);
  if (setting.value == nullptr) return absl::StrCat(KindOf(setting.origin), key, " is not set");
  return absl::StrCat(KindOf(setting.origin), key, " is ", Quoted(*setting.value));
}

std::string Sentence(const OffendingSettings& offenders, absl::string_view end) {
  const auto describe = [](std::string* out, const Setting& setting) {
    absl::StrAppend(out, Describe(setting));
  };
  return absl::StrCat(absl::StrJoin(offenders, ", ", describe), ": ", end, ".");
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
  message.set_message(Sentence(offenders, end));
  message.set_remedy(remedy.data(), remedy.size());
}

}  // namespace

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
