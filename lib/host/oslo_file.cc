#include "lib/host/oslo_file.h"

#include <array>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "nlohmann/json.hpp"

namespace ccplace {
namespace {

constexpr absl::string_view kDefaultGroup = "DEFAULT";

// str.isspace() of Python 3 beyond the single bytes of IsBlank.
constexpr std::array<absl::string_view, 19> kWideBlanks = {
    "\xC2\x85",     "\xC2\xA0",     "\xE1\x9A\x80", "\xE2\x80\x80", "\xE2\x80\x81",
    "\xE2\x80\x82", "\xE2\x80\x83", "\xE2\x80\x84", "\xE2\x80\x85", "\xE2\x80\x86",
    "\xE2\x80\x87", "\xE2\x80\x88", "\xE2\x80\x89", "\xE2\x80\x8A", "\xE2\x80\xA8",
    "\xE2\x80\xA9", "\xE2\x80\xAF", "\xE2\x81\x9F", "\xE3\x80\x80"};

bool IsBlank(char c) { return c == ' ' || (c >= '\t' && c <= '\r') || (c >= 0x1C && c <= 0x1F); }

bool ConsumeBlank(absl::string_view& text) {
  if (!text.empty() && IsBlank(text.front())) {
    text.remove_prefix(1);
    return true;
  }
  for (const absl::string_view blank : kWideBlanks) {
    if (absl::ConsumePrefix(&text, blank)) return true;
  }
  return false;
}

bool ConsumeTrailingBlank(absl::string_view& text) {
  if (!text.empty() && IsBlank(text.back())) {
    text.remove_suffix(1);
    return true;
  }
  for (const absl::string_view blank : kWideBlanks) {
    if (absl::ConsumeSuffix(&text, blank)) return true;
  }
  return false;
}

absl::string_view StripRight(absl::string_view text) {
  while (ConsumeTrailingBlank(text)) {
  }
  return text;
}

absl::string_view StripLeft(absl::string_view text) {
  while (ConsumeBlank(text)) {
  }
  return text;
}

// Python refuses to decode anything else. The JSON reader knows what UTF-8 is, within a string.
bool IsUtf8(absl::string_view text) {
  std::string quoted = absl::StrCat("\"", text, "\"");
  for (size_t i = 1; i + 1 < quoted.size(); ++i) {
    const auto byte = static_cast<unsigned char>(quoted[i]);
    if (byte < 0x20 || byte == '"' || byte == '\\') quoted[i] = ' ';
  }
  return nlohmann::json::accept(quoted);
}

// The text up to the next line's end, which is taken off: "\n", "\r" or both, as Python's open().
absl::string_view TakeLine(absl::string_view& text) {
  const size_t end = text.find_first_of("\r\n");
  const absl::string_view line = text.substr(0, end);
  text.remove_prefix(end == absl::string_view::npos ? text.size() : end);
  if (!absl::ConsumePrefix(&text, "\r\n") && !text.empty()) text.remove_prefix(1);
  return line;
}

std::string GroupOf(absl::string_view section) {
  return section == kDefaultGroup ? std::string(section) : absl::AsciiStrToLower(section);
}

absl::string_view Unquoted(absl::string_view value) {
  const bool quoted = !value.empty() && value.front() == value.back() &&
                      (value.front() == '"' || value.front() == '\'');
  if (!quoted) return value;
  return value.size() == 1 ? "" : value.substr(1, value.size() - 2);
}

class OsloFile {
 public:
  explicit OsloFile(const std::set<OsloName>& wanted) : wanted_(wanted) {}

  absl::StatusOr<OsloValues> Parse(absl::string_view text) {
    absl::Status read;
    while (read.ok() && !text.empty()) {
      ++line_;
      read = TakeIn(StripRight(TakeLine(text)));
    }
    if (read.ok()) read = Flush();
    if (!read.ok()) return read;
    return std::move(values_);
  }

 private:
  absl::Status TakeIn(absl::string_view line) {
    if (line.empty()) return Flush();
    if (line[0] == ' ' || line[0] == '\t') return Continue(StripLeft(line));
    absl::Status flushed = Flush();
    if (!flushed.ok()) return flushed;
    if (line[0] == '[') return BeginSection(line);
    if (line[0] == '#' || line[0] == ';') return absl::OkStatus();
    return BeginValue(line);
  }

  absl::Status Continue(absl::string_view more) {
    if (key_.empty()) return Fault("continues no value");
    if (kept_) absl::StrAppend(&value_, "\n", more);
    return absl::OkStatus();
  }

  absl::Status BeginSection(absl::string_view line) {
    if (line.back() != ']') return Fault("begins with [ and does not end with ]");
    if (line.size() == 2) return Fault("is a section without a name");
    group_ = GroupOf(line.substr(1, line.size() - 2));
    return absl::OkStatus();
  }

  absl::Status BeginValue(absl::string_view line) {
    const size_t end = line.find_first_of(":=");
    if (end == absl::string_view::npos) return Fault("has neither = nor :");
    key_ = std::string(PythonStripped(line.substr(0, end)));
    if (key_.empty()) return Fault("has no option before its = or :");
    kept_ = wanted_.count({group_, key_}) > 0;
    value_ = kept_ ? std::string(Unquoted(PythonStripped(line.substr(end + 1)))) : "";
    return absl::OkStatus();
  }

  // The value that was read so far is whole.
  absl::Status Flush() {
    if (key_.empty()) return absl::OkStatus();
    if (group_.empty()) return Fault("ends a value that is in no section");
    if (kept_) values_[{group_, key_}] = std::move(value_);
    key_.clear();
    value_.clear();
    return absl::OkStatus();
  }

  absl::Status Fault(absl::string_view what) const {
    return absl::InvalidArgumentError(absl::StrCat("line ", line_, " ", what));
  }

  const std::set<OsloName>& wanted_;
  OsloValues values_;
  std::string group_;  // Of the section that was begun; empty: none yet.
  std::string key_;    // Of the value under way; empty: none.
  std::string value_;
  bool kept_ = false;  // The value under way is wanted.
  int line_ = 0;
};

}  // namespace

absl::StatusOr<OsloValues> ParseOsloFile(absl::string_view text, const std::set<OsloName>& wanted) {
  if (!IsUtf8(text)) return absl::InvalidArgumentError("it is not UTF-8");
  return OsloFile(wanted).Parse(text);
}

absl::string_view PythonStripped(absl::string_view text) { return StripLeft(StripRight(text)); }

}  // namespace ccplace
