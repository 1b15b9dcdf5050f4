#include "lib/request/values.h"

#include <re2/re2.h>

#include <algorithm>
#include <limits>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"

namespace ccplace::rules {
namespace {

constexpr size_t kPlacementNameLimit = 255;

// What Python's str.strip takes off: White_Space of Unicode, and ASCII's separators of files,
// groups, records and units. In UTF-8.
constexpr absl::string_view kWideSpaces[] = {"\u0085", "\u00a0", "\u1680", "\u2000", "\u2001",
                                             "\u2002", "\u2003", "\u2004", "\u2005", "\u2006",
                                             "\u2007", "\u2008", "\u2009", "\u200a", "\u2028",
                                             "\u2029", "\u202f", "\u205f", "\u3000"};

bool IsNarrowSpace(char c) { return absl::ascii_isspace(c) || (c >= '\x1c' && c <= '\x1f'); }

// Bytes of the space that `text` begins with (or, `at_end`, ends with); 0 where there is none.
size_t SpaceLength(absl::string_view text, bool at_end) {
  if (text.empty()) return 0;
  const char c = at_end ? text.back() : text.front();
  if (IsNarrowSpace(c)) return 1;
  if (absl::ascii_isascii(static_cast<unsigned char>(c))) return 0;
  for (const absl::string_view space : kWideSpaces) {
    if (at_end ? absl::EndsWith(text, space) : absl::StartsWith(text, space)) return space.size();
  }
  return 0;
}

absl::string_view StripPythonSpace(absl::string_view text) {
  while (const size_t space = SpaceLength(text, false)) text.remove_prefix(space);
  while (const size_t space = SpaceLength(text, true)) text.remove_suffix(space);
  return text;
}

// Takes the sign off.
bool TakeSign(absl::string_view& text) {
  const bool negative = text[0] == '-';
  if (negative || text[0] == '+') text.remove_prefix(1);
  return negative;
}

// Whether digits stand there, with single underscores between them.
bool IsPythonNumber(absl::string_view text) {
  bool digit_before = false;
  for (const char c : text) {
    const bool digit = absl::ascii_isdigit(c);
    if (!digit && !(c == '_' && digit_before)) return false;
    digit_before = digit;
  }
  return digit_before;
}

int64_t AddDigit(int64_t number, int digit) {
  constexpr int64_t kLimit = std::numeric_limits<int64_t>::max();
  return number > (kLimit - digit) / 10 ? kLimit : number * 10 + digit;
}

}  // namespace

bool IsOneOf(absl::string_view text, absl::Span<const absl::string_view> words) {
  return std::any_of(words.begin(), words.end(),
                     [text](absl::string_view word) { return word == text; });
}

bool IsOneOfAnyCase(absl::string_view text, absl::Span<const absl::string_view> words) {
  return std::any_of(words.begin(), words.end(), [text](absl::string_view word) {
    return word.size() == text.size() && absl::EqualsIgnoreCase(word, text);
  });
}

std::optional<int64_t> ReadInteger(absl::string_view text) {
  text = StripPythonSpace(text);
  if (text.empty()) return std::nullopt;
  const bool negative = TakeSign(text);
  if (!IsPythonNumber(text)) return std::nullopt;
  int64_t number = 0;
  for (const char c : text) {
    if (c != '_') number = AddDigit(number, c - '0');
  }
  if (!negative) return number;
  const bool at_limit = number == std::numeric_limits<int64_t>::max();
  return at_limit ? std::numeric_limits<int64_t>::min() : -number;
}

Boolean ReadBoolean(absl::string_view text) {
  constexpr size_t kLongestWord = 5;
  text = StripPythonSpace(text);
  if (text.size() > kLongestWord) return Boolean::kInvalid;
  char folded[kLongestWord];
  std::transform(text.begin(), text.end(), folded, absl::ascii_tolower);
  const absl::string_view word(folded, text.size());
  if (word == "true" || word == "1" || word == "t" || word == "on" || word == "y" ||
      word == "yes") {
    return Boolean::kTrue;
  }
  if (word == "false" || word == "0" || word == "f" || word == "off" || word == "n" ||
      word == "no") {
    return Boolean::kFalse;
  }
  return Boolean::kInvalid;
}

BootPlace ReadBootIndex(absl::string_view text) {
  text = absl::StripAsciiWhitespace(text);
  if (text.empty() || IsOneOfAnyCase(text, {"none", "null"})) return BootPlace::kNone;
  const bool negative = TakeSign(text);
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
  return IsOneOfAnyCase(absl::StripAsciiWhitespace(text),
                        {"small", "4", "4k", "4kb", "4kib", "4096b"});
}

bool IsPageSize(const std::string& text) {
  // Python's "$" lets a line end.
  static const auto* const sizes =
      new RE2(R"(small|large|any|\d+|[-+]?\d*\.?\d+([KMGTPEZYRQ]i?)?(b|bit|B)\n?)");
  return RE2::FullMatch(text, *sizes);
}

bool IsPlacementName(absl::string_view text) {
  const auto allowed = [](char c) {
    return absl::ascii_isupper(c) || absl::ascii_isdigit(c) || c == '_';
  };
  return !text.empty() && text.size() <= kPlacementNameLimit &&
         std::all_of(text.begin(), text.end(), allowed);
}

}  // namespace ccplace::rules
