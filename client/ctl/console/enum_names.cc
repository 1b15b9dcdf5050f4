#include "client/ctl/console/enum_names.h"

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "lib/base/text.h"
#include "lib/hypervisor/domain_state.h"

namespace ccplace::ctl {
namespace {

using google::protobuf::EnumDescriptor;

std::vector<std::string> Names(const EnumDescriptor* type) {
  std::vector<std::string> names;
  for (int i = 0; i < type->value_count(); ++i) {
    const int number = type->value(i)->number();
    if (number != 0) names.push_back(LowerEnumName(*type, number, "-"));
  }
  return names;
}

template <typename Enum>
absl::StatusOr<Enum> ParseWord(absl::string_view word, absl::string_view what) {
  const EnumDescriptor* type = google::protobuf::GetEnumDescriptor<Enum>();
  for (int i = 0; i < type->value_count(); ++i) {
    const int number = type->value(i)->number();
    if (number != 0 && LowerEnumName(*type, number, "-") == word) return static_cast<Enum>(number);
  }
  return absl::InvalidArgumentError(absl::StrCat(Quoted(word), " is no ", what, ": use one of ",
                                                 absl::StrJoin(Names(type), ", ")));
}

}  // namespace

std::string DecisionName(v1::Decision decision) {
  return absl::StrReplaceAll(UpperEnumName(decision), {{"_", " "}});
}

std::string DomainStateName(v1::DomainState state) { return std::string(RowOf(state).word); }

Style StyleOf(v1::Support support) {
  if (support == v1::SUPPORT_SUPPORTED) return Style::kGood;
  return support == v1::SUPPORT_UNSUPPORTED ? Style::kBad : Style::kDoubtful;
}
Style StyleOf(v1::CheckResult result) {
  if (result == v1::CHECK_RESULT_PASS) return Style::kGood;
  return result == v1::CHECK_RESULT_FAIL ? Style::kBad : Style::kDoubtful;
}
Style StyleOf(v1::Decision decision) {
  if (decision == v1::DECISION_ACCEPTED) return Style::kGood;
  return decision == v1::DECISION_REJECTED ? Style::kBad : Style::kPlain;
}

std::string OrUnknown(const std::string& text) { return text.empty() ? "unknown" : text; }

std::string MrtdText(const std::string& mrtd) {
  constexpr size_t kBytes = 6;
  return mrtd.empty() ? "unknown" : absl::BytesToHexString(mrtd.substr(0, kBytes));
}

std::string FigureText(const v1::Figure& figure) {
  return figure.has_value() ? absl::StrCat(figure.value()) : "unknown";
}

std::string AgeText(uint64_t age_ms) {
  if (age_ms < 1000) return absl::StrCat(age_ms, " ms");
  const double seconds = static_cast<double>(age_ms) / 1000;
  if (seconds < 120) return absl::StrFormat("%.1f s", seconds);
  if (seconds < 7200) return absl::StrFormat("%.0f min", seconds / 60);
  return absl::StrFormat("%.1f h", seconds / 3600);
}

std::vector<std::string> ModelNames() { return Names(v1::EncryptionModel_descriptor()); }
std::vector<std::string> OperationNames() { return Names(v1::Operation_descriptor()); }

absl::StatusOr<v1::EncryptionModel> ParseModel(absl::string_view word) {
  return ParseWord<v1::EncryptionModel>(word, "encryption model");
}

v1::RequestDialect DialectNamed(absl::string_view word) {
  if (word == "nova") return v1::REQUEST_DIALECT_NOVA;
  return word == "blueprint" ? v1::REQUEST_DIALECT_BLUEPRINT : v1::REQUEST_DIALECT_UNSPECIFIED;
}

absl::StatusOr<v1::Operation> ParseOperation(absl::string_view word) {
  return ParseWord<v1::Operation>(word, "operation");
}

}  // namespace ccplace::ctl
