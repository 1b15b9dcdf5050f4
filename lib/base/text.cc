#include "lib/base/text.h"

#include <algorithm>
#include <cstdint>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace ccplace {
namespace {

bool IsContinuation(unsigned char byte) { return (byte & 0xC0) == 0x80; }

// Whether a character can make a line look like another: the bidirectional formatting characters
// (Unicode Standard Annex 9, 2.1 to 2.6) and the separators of lines and paragraphs.
bool CanDeceive(uint32_t point) {
  if (point >= 0x2028 && point <= 0x202E) return true;
  if (point >= 0x2066 && point <= 0x2069) return true;
  return point == 0x061C || point == 0x200E || point == 0x200F;
}

// Whether a well-formed sequence of `length` bytes encodes neither too little nor too much: no
// overlong form, no surrogate, nothing past U+10FFFF, no C1 control (RFC 3629).
bool IsAllowedCodePoint(uint32_t point, size_t length) {
  constexpr uint32_t kSmallest[] = {0, 0, 0x80, 0x800, 0x10000};
  if (point < kSmallest[length] || point > 0x10FFFF) return false;
  if (point >= 0xD800 && point <= 0xDFFF) return false;
  if (point >= 0x80 && point <= 0x9F) return false;
  return !CanDeceive(point);
}

// Bytes of the printable character that `text` begins with; 0 when it begins with none.
size_t PrintableLength(absl::string_view text) {
  const auto lead = static_cast<unsigned char>(text[0]);
  if (lead < 0x80) return lead >= 0x20 && lead != 0x7F ? 1 : 0;
  const size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4 || text.size() < length) return 0;
  uint32_t point = lead & (0xFFu >> (length + 1));
  for (size_t i = 1; i < length; ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if (!IsContinuation(byte)) return 0;
    point = (point << 6) | (byte & 0x3Fu);
  }
  return IsAllowedCodePoint(point, length) ? length : 0;
}

// Whether it is printable ASCII without `quote`, as nearly all text is. Without a branch for each
// byte, so that the compiler takes many at once (GCC does for bits, not for a bool).
bool IsPlain(absl::string_view text, char quote = '\0') {
  unsigned char odd = 0;
  for (const char c : text) odd |= c < 0x20 || c >= 0x7F || c == quote ? 1 : 0;
  return odd == 0;
}

std::string Escape(absl::string_view text, size_t limit_bytes, char quote) {
  if (text.size() <= limit_bytes && IsPlain(text, quote)) return std::string(text);
  std::string out;
  while (!text.empty()) {
    const size_t length = PrintableLength(text);
    if (length == 1 && text[0] != quote && out.size() < limit_bytes) {
      out.push_back(text[0]);
      text.remove_prefix(1);
      continue;
    }
    std::string piece = length == 0
                            ? absl::StrFormat("\\x%02x", static_cast<unsigned char>(text[0]))
                            : std::string(text.substr(0, length));
    if (quote != '\0' && piece[0] == quote) piece.insert(0, "\\");
    if (out.size() + piece.size() > limit_bytes) return absl::StrCat(out, "...");
    out += piece;
    text.remove_prefix(length == 0 ? 1 : length);
  }
  return out;
}

}  // namespace

std::string Printable(absl::string_view text, size_t limit_bytes) {
  return Escape(text, limit_bytes, '\0');
}

std::string Quoted(absl::string_view text, size_t limit_bytes) {
  return absl::StrCat("'", Escape(text, limit_bytes, '\''), "'");
}

bool IsPrintable(absl::string_view text) {
  if (IsPlain(text)) return true;
  while (!text.empty()) {
    const size_t length = PrintableLength(text);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

std::string BytesFromHex(absl::string_view hex) {
  const auto is_digit = [](unsigned char byte) { return absl::ascii_isxdigit(byte); };
  if (hex.size() % 2 != 0 || !std::all_of(hex.begin(), hex.end(), is_digit)) return "";
  std::string bytes;
  for (size_t at = 0; at < hex.size(); at += 2) {
    uint32_t byte = 0;
    if (!absl::SimpleHexAtoi(hex.substr(at, 2), &byte)) return "";
    bytes.push_back(static_cast<char>(byte));
  }
  return bytes;
}

}  // namespace ccplace
