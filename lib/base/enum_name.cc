#include "lib/base/enum_name.h"

#include <google/protobuf/descriptor.h>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"

namespace ccplace {
namespace {

// "ENCRYPTION_MODEL_" for EncryptionModel.
std::string PrefixOf(const google::protobuf::EnumDescriptor& type) {
  std::string prefix;
  for (const char c : type.name()) {
    if (absl::ascii_isupper(static_cast<unsigned char>(c)) && !prefix.empty()) prefix += '_';
    prefix += absl::ascii_toupper(static_cast<unsigned char>(c));
  }
  return prefix + '_';
}

}  // namespace

std::string UpperEnumName(const google::protobuf::EnumDescriptor& type, int number) {
  const google::protobuf::EnumValueDescriptor* value = type.FindValueByNumber(number);
  if (value == nullptr) return absl::StrCat("value ", number);
  return std::string(absl::StripPrefix(value->name(), PrefixOf(type)));
}

std::string LowerEnumName(const google::protobuf::EnumDescriptor& type, int number,
                          absl::string_view separator) {
  return absl::StrReplaceAll(absl::AsciiStrToLower(UpperEnumName(type, number)),
                             {{"_", separator}});
}

}  // namespace ccplace
