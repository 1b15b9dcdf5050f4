// Text for people, made from text that may be hostile. Thread-safe: pure functions.
#ifndef CCPLACE_LIB_BASE_TEXT_H_
#define CCPLACE_LIB_BASE_TEXT_H_

#include <cstddef>
#include <string>

#include "absl/strings/string_view.h"

namespace ccplace {

// Longest piece of foreign text that a message quotes, in bytes.
inline constexpr size_t kQuotedTextLimit = 128;

// `text` fit for a message or a log line: controls, bidirectional formatting, line separators and
// bytes that are no UTF-8 become "\xNN"; past `limit_bytes` it is cut and marked with "...".
std::string Printable(absl::string_view text, size_t limit_bytes = kQuotedTextLimit);

// Printable, in single quotes; a quote inside is escaped.
std::string Quoted(absl::string_view text, size_t limit_bytes = kQuotedTextLimit);

// Whether Printable would leave `text` as it is, but for its length (tab and newline are controls).
bool IsPrintable(absl::string_view text);

// The bytes that `hex` writes, two digits each, of either case; nothing when it is no such text.
// (Abseil's own is deprecated from 2024 on, and what replaces it is not in Debian 12.)
std::string BytesFromHex(absl::string_view hex);

}  // namespace ccplace

#endif  // CCPLACE_LIB_BASE_TEXT_H_
