// Which texts a domain's fields may hold. Thread-safe: constants.
#ifndef CCPLACE_LIB_DOMAIN_TEXT_RULES_H_
#define CCPLACE_LIB_DOMAIN_TEXT_RULES_H_

#include <cstddef>

#include "absl/strings/string_view.h"

namespace ccplace {

// A kind of text.
struct TextRule {
  size_t limit_bytes;
  const char* form;                   // As people read it: "letters, digits, '_'".
  bool (*allows)(absl::string_view);  // Asked about text that is neither empty nor too long.
  bool required = true;               // False: may be empty.
};

// `rule` for a field that may be empty.
constexpr TextRule Optional(TextRule rule) {
  rule.required = false;
  return rule;
}

extern const TextRule kUuidText;
extern const TextRule kDomainNameText;
extern const TextRule kMachineTypeText;
extern const TextRule kPrintableText;
extern const TextRule kCpuListText;
extern const TextRule kFilePathText;
extern const TextRule kSocketPathText;
extern const TextRule kNetworkDeviceText;
extern const TextRule kTargetDeviceText;
extern const TextRule kNetworkNameText;
extern const TextRule kMacText;
extern const TextRule kHostNameText;
extern const TextRule kRbdNameText;
extern const TextRule kIscsiTargetText;
extern const TextRule kUserNameText;
extern const TextRule kSerialText;

}  // namespace ccplace

#endif  // CCPLACE_LIB_DOMAIN_TEXT_RULES_H_
