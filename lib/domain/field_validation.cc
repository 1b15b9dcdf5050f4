#include "lib/domain/field_validation.h"

#include "absl/strings/str_cat.h"
#include "lib/base/text.h"

namespace ccplace {

MessageValidator MessageValidator::In(absl::string_view field) const {
  return MessageValidator(absl::StrCat(path_, ".", field), *errors_);
}

MessageValidator MessageValidator::In(absl::string_view field, int index) const {
  return MessageValidator(absl::StrCat(path_, ".", field, "[", index, "]"), *errors_);
}

void MessageValidator::Fault(absl::string_view field, std::string description) const {
  errors_->push_back({absl::StrCat(path_, ".", field), std::move(description)});
}

void MessageValidator::Text(absl::string_view field, absl::string_view value,
                            const TextRule& rule) const {
  if (value.empty()) {
    if (rule.required) Fault(field, absl::StrCat("is missing; give ", rule.form));
  } else if (value.size() > rule.limit_bytes) {
    Fault(field, absl::StrCat("has ", value.size(), " bytes; give at most ", rule.limit_bytes));
  } else if (!rule.allows(value)) {
    Fault(field, absl::StrCat("is ", Quoted(value), "; give ", rule.form));
  }
}

void MessageValidator::Range(absl::string_view field, uint64_t value, uint64_t min,
                             uint64_t max) const {
  if (value >= min && value <= max) return;
  Fault(field, absl::StrCat("is ", value, "; give ", min, " to ", max));
}

void MessageValidator::RangeOrZero(absl::string_view field, uint64_t value, uint64_t min,
                                   uint64_t max) const {
  if (value != 0) Range(field, value, min, max);
}

void MessageValidator::Enum(absl::string_view field, int value, bool (*is_known)(int)) const {
  if (is_known(value)) return;
  Fault(field, absl::StrCat("is ", value,
                            ", which this version does not know; give a known value "
                            "or a newer ccplaced"));
}

bool MessageValidator::Count(absl::string_view field, int count, int max) const {
  if (count <= max) return true;
  Fault(field, absl::StrCat("has ", count, " entries; give at most ", max));
  return false;
}

void UniqueValues::Check(const MessageValidator& check, absl::string_view field,
                         const std::string& value) {
  if (value.empty() || seen_.insert(value).second) return;
  check.Fault(field,
              absl::StrCat("is ", Quoted(value), ", as another in this domain; give each its own"));
}

}  // namespace ccplace
