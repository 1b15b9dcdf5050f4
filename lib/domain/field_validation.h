// Validation of fields that every message shares. Not thread-safe: each function adds to a list.
#ifndef CCPLACE_LIB_DOMAIN_FIELD_VALIDATION_H_
#define CCPLACE_LIB_DOMAIN_FIELD_VALIDATION_H_

#include <cstdint>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "lib/base/status.h"
#include "lib/domain/text_rules.h"

namespace ccplace {

// The message being validated: its path in the request, and the list that its faults go to (which
// must outlive it). Every function adds a fault of `field` when its value is not valid.
class MessageValidator {
 public:
  MessageValidator(std::string path, std::vector<FieldError>& errors)
      : path_(std::move(path)), errors_(&errors) {}

  // The message in `field` of this one; `index` for one of several.
  MessageValidator In(absl::string_view field) const;
  MessageValidator In(absl::string_view field, int index) const;

  // Adds a fault: what was found, then what is allowed.
  void Fault(absl::string_view field, std::string description) const;

  void Text(absl::string_view field, absl::string_view value, const TextRule& rule) const;
  void Range(absl::string_view field, uint64_t value, uint64_t min, uint64_t max) const;
  // The same, but 0 is allowed: not stated.
  void RangeOrZero(absl::string_view field, uint64_t value, uint64_t min, uint64_t max) const;
  void Enum(absl::string_view field, int value, bool (*is_known)(int)) const;
  // False: more than `max`.
  bool Count(absl::string_view field, int count, int max) const;

 private:
  std::string path_;
  std::vector<FieldError>* errors_;
};

// Values that may occur once in a domain.
class UniqueValues {
 public:
  // Adds a fault of `field` when `value` was seen before; an empty one never is.
  void Check(const MessageValidator& check, absl::string_view field, const std::string& value);

 private:
  std::set<std::string> seen_;
};

}  // namespace ccplace

#endif  // CCPLACE_LIB_DOMAIN_FIELD_VALIDATION_H_
