// Text for people, made from text that may be hostile. Thread-safe: pure functions.
#ifndef CCPLACE_LIB_BASE_TEXT_H_
#define CCPLACE_LIB_BASE_TEXT_H_

#include <cstddef>
#include <string>

#include "absl/strings/string_view.h"

namespace ccplace {

// Longest piece of foreign text that a message quotes, in bytes.
inline constexpr size_t kQuotedTextLimit = 128;

// `text` made fit for a message or a log line: control characters and bytes that are no UTF-8
// become "\xNN", and what goes past `limit_bytes` is cut and marked with "...".
std::string Printable(absl::string_view text, size_t limit_bytes = kQuotedTextLimit);

// Printable, in single quotes; a quote inside is escaped.
std::string Quoted(absl::string_view text, size_t limit_bytes = kQuotedTextLimit);

// Whether `text` is well-formed UTF-8 without control characters (tab and newline included).
bool IsPrintable(absl::string_view text);

}  // namespace ccplace

#endif  // CCPLACE_LIB_BASE_TEXT_H_
