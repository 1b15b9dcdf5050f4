#include "client/sync/cloud/setting.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "lib/base/text.h"

namespace ccplace::sync {
namespace {

// Digits that nothing rounds, shortens or reads as octal.
bool IsPlainDecimal(const std::string& text) {
  const bool digits = !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return absl::ascii_isdigit(static_cast<unsigned char>(c));
  });
  return digits && (text == "0" || text.front() != '0');
}

}  // namespace

std::string Where(const Setting& setting) {
  const std::string file = Printable(setting.file);
  return setting.line > 0 ? absl::StrCat(file, ", line ", setting.line) : file;
}

absl::Status Refuse(const Setting& setting, absl::string_view name, absl::string_view what) {
  return absl::InvalidArgumentError(
      absl::StrCat(Where(setting), ": ", Printable(name), ": ", what));
}

absl::StatusOr<std::string> TextOf(const Setting& setting, absl::string_view name) {
  switch (setting.type) {
    case Setting::Type::kNull:
      return std::string();
    case Setting::Type::kText:
      return setting.text;
    case Setting::Type::kList:
    case Setting::Type::kMap:
      return Refuse(setting, name, "must be one text, not a list or a map");
    case Setting::Type::kNumber:
      if (IsPlainDecimal(setting.text)) return setting.text;
      [[fallthrough]];
    case Setting::Type::kBool:
    case Setting::Type::kOther:
      break;
  }
  return Refuse(setting, name,
                "OpenStack's tools read it as a number, a date or a boolean and change it: put it "
                "into quotes");
}

const Setting* MemberOf(const Setting& map, const std::string& name) {
  const auto found = map.members.find(name);
  return found == map.members.end() ? nullptr : &found->second;
}

}  // namespace ccplace::sync
