// The "k='v', k2='v2'" form: osc_lib's format_dict writes it, and escapes nothing.
#include <optional>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "client/ctl/input/openstack_json.h"
#include "lib/base/text.h"

namespace ccplace::ctl {
namespace {

constexpr absl::string_view kSeparator = ", ";

bool IsKeyCharacter(char c) {
  return absl::ascii_isgraph(static_cast<unsigned char>(c)) && c != '\'' && c != ',' && c != '=';
}

// Bytes of the key that `text` begins with and that "=" ends; 0: it begins with none.
size_t KeyLength(absl::string_view text) {
  size_t length = 0;
  while (length < text.size() && IsKeyCharacter(text[length])) ++length;
  return length < text.size() && text[length] == '=' ? length : 0;
}

bool EndsEntry(absl::string_view rest) {
  if (rest.empty()) return true;
  return absl::ConsumePrefix(&rest, kSeparator) && KeyLength(rest) > 0;
}

// Takes the value behind a key's "=" off `text`: quoted, or nothing at all for a null.
std::optional<std::string> TakeValue(absl::string_view& text) {
  if (!absl::ConsumePrefix(&text, "'")) {
    return EndsEntry(text) ? std::optional<std::string>("") : std::nullopt;
  }
  for (size_t quote = text.find('\''); quote != absl::string_view::npos;
       quote = text.find('\'', quote + 1)) {
    if (!EndsEntry(text.substr(quote + 1))) continue;
    std::string value(text.substr(0, quote));
    text.remove_prefix(quote + 1);
    return value;
  }
  return std::nullopt;
}

}  // namespace

absl::StatusOr<std::map<std::string, std::string>> ParsePropertyString(absl::string_view text) {
  std::map<std::string, std::string> properties;
  absl::string_view rest = absl::StripAsciiWhitespace(text);
  while (!rest.empty()) {
    const absl::string_view before = rest;
    const std::string key(rest.substr(0, KeyLength(rest)));
    rest.remove_prefix(key.empty() ? 0 : key.size() + 1);
    const bool null = !absl::StartsWith(rest, "'");
    std::optional<std::string> value = key.empty() ? std::nullopt : TakeValue(rest);
    if (!value.has_value()) {
      return absl::InvalidArgumentError(
          absl::StrCat("expected key='value', found ", Quoted(before)));
    }
    if (!null) properties[key] = *std::move(value);
    absl::ConsumePrefix(&rest, kSeparator);
  }
  return properties;
}

}  // namespace ccplace::ctl
