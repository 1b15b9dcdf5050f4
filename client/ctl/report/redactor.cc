#include "client/ctl/report/redactor.h"

#include <re2/re2.h>

#include <array>
#include <iterator>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"

namespace ccplace::ctl {
namespace {

constexpr size_t kLineLimitBytes = size_t{64} * 1024;
constexpr size_t kShortestName = 3;

// What is replaced, in the order in which it is tried at one place.
struct RedactedKind {
  const char* name;
  const char* pattern;
};
constexpr RedactedKind kKinds[] = {
    {"uuid", "\\b[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\\b"},
    {"mac", "\\b(?:[0-9a-fA-F]{2}:){5}[0-9a-fA-F]{2}\\b"},
    {"san", "\\b(?i:dns|uri|email|ip|upn|cn)[:=][^\\s,;\"'\\\\]+"},
    {"url-host", "://[^/\\s\"'\\\\]+"},
    {"address", "\\b(?:[0-9]{1,3}\\.){3}[0-9]{1,3}\\b"},
    {"address", "\\b(?:[0-9a-fA-F]{1,4}:){7}[0-9a-fA-F]{1,4}\\b"},
    {"address",
     "\\b[0-9a-fA-F]{1,4}(?::[0-9a-fA-F]{1,4})*::(?:[0-9a-fA-F]{1,4}(?::[0-9a-fA-F]{"
     "1,4})*)?|::[0-9a-fA-F]{1,4}(?::[0-9a-fA-F]{1,4})*\\b"},
};
constexpr size_t kKindCount = std::size(kKinds);

// One pattern for the next text to replace: what precedes it, one group for each kind, one for
// the names, and what follows.
std::string PatternOf(const std::vector<std::string>& names) {
  std::vector<std::string> groups;
  for (const RedactedKind& kind : kKinds) groups.push_back(absl::StrCat("(", kind.pattern, ")"));
  std::vector<std::string> quoted;
  for (const std::string& name : names) {
    if (name.size() >= kShortestName) quoted.push_back(RE2::QuoteMeta(name));
  }
  const std::string any_name = quoted.empty() ? "[^\\s\\S]" : absl::StrJoin(quoted, "|");
  groups.push_back(absl::StrCat("(\\b(?i:", any_name, ")\\b)"));
  return absl::StrCat("(?s)(.*?)(?:", absl::StrJoin(groups, "|"), ")(.*)");
}

}  // namespace

Redactor::Redactor(const std::vector<std::string>& names)
    : next_(std::make_shared<const RE2>(PatternOf(names))) {}

std::string Redactor::StandIn(const std::string& kind, const std::string& what) {
  const auto [place, is_new] = stand_ins_.try_emplace(absl::AsciiStrToLower(what));
  if (is_new) place->second = absl::StrCat(kind, "-", ++counts_[kind]);
  return place->second;
}

std::string Redactor::RedactLine(std::string line) {
  std::string out;
  std::string before;
  std::array<std::string, kKindCount + 1> found;
  std::string rest;
  while (RE2::FullMatch(line, *next_, &before, &found[0], &found[1], &found[2], &found[3],
                        &found[4], &found[5], &found[6], &found[7], &rest)) {
    absl::StrAppend(&out, before);
    for (size_t i = 0; i < found.size(); ++i) {
      if (found[i].empty()) continue;
      const char* kind = i < kKindCount ? kKinds[i].name : "host";
      // What begins a URL's host stays to be read as such.
      absl::StrAppend(&out, i == 3 ? "://" : "", StandIn(kind, found[i]));
    }
    line = std::exchange(rest, std::string());
  }
  return absl::StrCat(out, line);
}

std::string Redactor::Redact(absl::string_view text) {
  std::vector<std::string> lines;
  for (const absl::string_view line : absl::StrSplit(text, '\n')) {
    const bool is_long = line.size() > kLineLimitBytes;
    lines.push_back(is_long ? absl::StrCat("(a line of ", line.size(), " bytes is left out)")
                            : RedactLine(std::string(line)));
  }
  return absl::StrJoin(lines, "\n");
}

}  // namespace ccplace::ctl
