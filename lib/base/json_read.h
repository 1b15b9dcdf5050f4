// Reading of JSON that others wrote: a member of another type than expected reads as if it were not
// there, unless said otherwise. Thread-safe: pure functions.
#ifndef CCPLACE_LIB_BASE_JSON_READ_H_
#define CCPLACE_LIB_BASE_JSON_READ_H_

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>

#include "nlohmann/json.hpp"

namespace ccplace {

// Levels of objects and lists that nothing which is read goes past. Copies and dumps of a value use
// the stack for each level.
inline constexpr int kJsonDepthLimit = 32;

// Whether `value` holds more than `levels` levels of objects and lists.
inline bool IsDeeperThan(const nlohmann::json& value, int levels) {
  if (!value.is_structured()) return false;
  return levels == 0 || std::any_of(value.begin(), value.end(), [levels](const auto& member) {
           return IsDeeperThan(member, levels - 1);
         });
}

// The member called `name` of an object; a null value when there is none.
inline const nlohmann::json& MemberAt(const nlohmann::json& object, const char* name) {
  static const nlohmann::json none;
  if (!object.is_object()) return none;
  const auto found = object.find(name);
  return found == object.end() ? none : *found;
}

// A text member; empty when there is none.
inline std::string TextAt(const nlohmann::json& object, const char* name) {
  const nlohmann::json& member = MemberAt(object, name);
  return member.is_string() ? member.get<std::string>() : "";
}

// A list member; empty when there is none.
inline const nlohmann::json& ListAt(const nlohmann::json& object, const char* name) {
  static const nlohmann::json none = nlohmann::json::array();
  const nlohmann::json& member = MemberAt(object, name);
  return member.is_array() ? member : none;
}

// A whole number from 0 up; nothing when there is none.
inline std::optional<uint64_t> NumberAt(const nlohmann::json& object, const char* name) {
  const nlohmann::json& member = MemberAt(object, name);
  if (!member.is_number_unsigned()) return std::nullopt;
  return member.get<uint64_t>();
}

}  // namespace ccplace

#endif  // CCPLACE_LIB_BASE_JSON_READ_H_
