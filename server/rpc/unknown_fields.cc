#include "server/rpc/unknown_fields.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/unknown_field_set.h>

#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "lib/base/status.h"
#include "server/common/version.h"

namespace ccplace {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

// Most messages, and most numbers of one, that an answer names.
constexpr size_t kMostNamed = 8;

std::string Numbers(const google::protobuf::UnknownFieldSet& fields) {
  std::set<int> numbers;
  for (int i = 0; i < fields.field_count() && numbers.size() < kMostNamed; ++i) {
    numbers.insert(fields.field(i).number());
  }
  return absl::StrJoin(numbers, ", ");
}

void AddUnknown(const Message& message, const std::string& path, std::vector<FieldError>& errors);

void AddUnknownBelow(const Message& message, const FieldDescriptor& field, const std::string& path,
                     std::vector<FieldError>& errors) {
  const google::protobuf::Reflection& reflection = *message.GetReflection();
  const std::string name = absl::StrCat(path, path.empty() ? "" : ".", field.name());
  if (!field.is_repeated()) return AddUnknown(reflection.GetMessage(message, &field), name, errors);
  for (int i = 0; i < reflection.FieldSize(message, &field); ++i) {
    AddUnknown(reflection.GetRepeatedMessage(message, &field, i), absl::StrCat(name, "[", i, "]"),
               errors);
  }
}

void AddUnknown(const Message& message, const std::string& path, std::vector<FieldError>& errors) {
  if (errors.size() >= kMostNamed) return;
  const google::protobuf::Reflection& reflection = *message.GetReflection();
  const auto& unknown = reflection.GetUnknownFields(message);
  if (!unknown.empty()) {
    errors.push_back(
        {path.empty() ? "request" : path,
         absl::StrCat("has field ", Numbers(unknown), ", which ccplaced ", kVersion,
                      " does not know; leave it out, or upgrade this host's ccplaced")});
  }
  std::vector<const FieldDescriptor*> fields;
  reflection.ListFields(message, &fields);
  for (const FieldDescriptor* field : fields) {
    // An entry of a map is a key and a value, and nothing else is kept of it.
    if (field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE || field->is_map()) continue;
    AddUnknownBelow(message, *field, path, errors);
  }
}

}  // namespace

absl::Status RefuseUnknownFields(const Message& request) {
  std::vector<FieldError> errors;
  AddUnknown(request, "", errors);
  return errors.empty() ? absl::OkStatus() : InvalidFieldsError(errors);
}

}  // namespace ccplace
