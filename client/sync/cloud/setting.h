// Settings as clouds.yaml and the environment hold them, with where each was read.
#ifndef CCPLACE_CLIENT_SYNC_CLOUD_SETTING_H_
#define CCPLACE_CLIENT_SYNC_CLOUD_SETTING_H_

#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace ccplace::sync {

// Levels of maps and lists that a settings file may have.
inline constexpr int kSettingDepthLimit = 32;

// One value: a scalar, a list or a map. May hold a secret: never log `text`.
struct Setting {
  // kNumber and kOther: plain scalars that PyYAML, which every OpenStack tool reads clouds.yaml
  // with, does not take for text (YAML 1.1): numbers, dates.
  enum class Type { kNull, kBool, kNumber, kText, kOther, kList, kMap };

  Type type = Type::kNull;
  std::string text;         // Of a scalar, as written. kBool: "true" or "false".
  std::string file;         // The file, or the environment variable, that it is from.
  int line = 0;             // 0: the file's format knows none.
  bool key_is_text = true;  // Of a map's member: PyYAML takes its key for text.
  std::vector<Setting> items;
  std::map<std::string, Setting> members;
};

// "clouds.yaml, line 7", or the variable's name.
std::string Where(const Setting& setting);

// INVALID_ARGUMENT: "WHERE: NAME: WHAT".
[[nodiscard]] absl::Status Refuse(const Setting& setting, absl::string_view name,
                                  absl::string_view what);

// The text of a scalar; empty for null. A number is text where it is written as it is read back.
// INVALID_ARGUMENT for what other tools would take for something else than what is written there.
absl::StatusOr<std::string> TextOf(const Setting& setting, absl::string_view name);

// A map's member; nullptr when there is none.
const Setting* MemberOf(const Setting& map, const std::string& name);

// The settings of one YAML (or, by its name's end, JSON) document. Merge keys and aliases are
// resolved. INVALID_ARGUMENT names file and line, never a value.
absl::StatusOr<Setting> ParseSettings(const std::string& file, const std::string& text);

}  // namespace ccplace::sync

#endif  // CCPLACE_CLIENT_SYNC_CLOUD_SETTING_H_
