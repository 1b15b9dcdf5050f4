// Names of the contract's enum values, for people and for labels. Thread-safe: pure functions.
#ifndef CCPLACE_LIB_BASE_ENUM_NAME_H_
#define CCPLACE_LIB_BASE_ENUM_NAME_H_

#include <google/protobuf/generated_enum_reflection.h>

#include <string>

#include "absl/strings/string_view.h"

namespace ccplace {

// "INTEL_TDX" for ENCRYPTION_MODEL_INTEL_TDX: without the enum's own prefix, which buf's lint holds
// every name to. "value 7" for a number that `type` does not know.
std::string UpperEnumName(const google::protobuf::EnumDescriptor& type, int number);

// The same in lower case, words separated by `separator`.
std::string LowerEnumName(const google::protobuf::EnumDescriptor& type, int number,
                          absl::string_view separator);

template <typename Enum>
std::string UpperEnumName(Enum value) {
  return UpperEnumName(*google::protobuf::GetEnumDescriptor<Enum>(), value);
}

template <typename Enum>
std::string LowerEnumName(Enum value, absl::string_view separator) {
  return LowerEnumName(*google::protobuf::GetEnumDescriptor<Enum>(), value, separator);
}

}  // namespace ccplace

#endif  // CCPLACE_LIB_BASE_ENUM_NAME_H_
