#include "lib/request/values.h"

#include <algorithm>
#include <initializer_list>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"

namespace ccplace::rules {
namespace {

constexpr size_t kPlacementNameLimit = 255;

bool IsOneOf(absl::string_view text, std::initializer_list<absl::string_view> words) {
  return std::any_of(words.begin(), words.end(),
                     [text](absl::string_view word) { return absl::EqualsIgnoreCase(text, word); });
}

}  // namespace

Boolean ReadBoolean(absl::string_view text) {
  text = absl::StripAsciiWhitespace(text);
  if (IsOneOf(text, {"true", "1", "t", "on", "y", "yes"})) return Boolean::kTrue;
  if (IsOneOf(text, {"false", "0", "f", "off", "n", "no"})) return Boolean::kFalse;
  return Boolean::kInvalid;
}

BootPlace ReadBootIndex(absl::string_view text) {
  text = absl::StripAsciiWhitespace(text);
  if (text.empty() || IsOneOf(text, {"none", "null"})) return BootPlace::kNone;
  const bool negative = text[0] == '-';
  if (negative || text[0] == '+') text.remove_prefix(1);
  if (text.empty() || !std::all_of(text.begin(), text.end(), absl::ascii_isdigit)) {
    return BootPlace::kInvalid;
  }
  if (text.find_first_not_of('0') == absl::string_view::npos) return BootPlace::kFirst;
  return negative ? BootPlace::kNone : BootPlace::kLater;
}

bool IsScsi(absl::string_view bus) {
  return absl::EqualsIgnoreCase(absl::StripAsciiWhitespace(bus), "scsi");
}

bool IsBusOfKvm(absl::string_view bus) {
  return bus == "virtio" || bus == "sata" || bus == "ide" || bus == "usb" || bus == "fdc" ||
         bus == "scsi";
}

bool IsSmallPageSize(absl::string_view text) {
  return IsOneOf(absl::StripAsciiWhitespace(text), {"small", "4", "4k", "4kb", "4kib", "4096b"});
}

bool IsPlacementName(absl::string_view text) {
  const auto allowed = [](char c) {
    return absl::ascii_isupper(c) || absl::ascii_isdigit(c) || c == '_';
  };
  return !text.empty() && text.size() <= kPlacementNameLimit &&
         std::all_of(text.begin(), text.end(), allowed);
}

}  // namespace ccplace::rules
