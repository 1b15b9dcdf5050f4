#include "client/ctl/report/redactor.h"

#include <re2/re2.h>

#include <algorithm>
#include <array>
#include <functional>
#include <iterator>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"

namespace ccplace::ctl {
namespace {

constexpr size_t kLineLimitBytes = size_t{64} * 1024;
constexpr size_t kShortestName = 3;
// A letter of an escape can stand for something else than a letter.
constexpr char kEscape[] = "\\\\+(?:x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|[nrtbf])";

// As Quoted writes a name, whose own quotes are escaped.
constexpr char kDomain[] = "\\bdomain '[^']*'";

// A quote after a letter is an apostrophe; a slash, the middle of something.
constexpr char kGuests[] = "\\B'[^']*'|\\B/[^\\s'\",;:]*";
constexpr absl::string_view kPlainFolders[] = {"/usr/",     "/dev/", "/run/",
                                               "/var/run/", "/sys/", "/proc/"};

bool IsPlainPath(absl::string_view what) {
  return std::any_of(std::begin(kPlainFolders), std::end(kPlainFolders),
                     [what](absl::string_view folder) { return absl::StartsWith(what, folder); });
}

// What is replaced, in the order in which it is tried at one place.
struct RedactedKind {
  const char* name;
  const char* pattern;
};
constexpr RedactedKind kKinds[] = {
    {"uuid", "[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"},
    {"mac", "[0-9a-fA-F]{2}(?::[0-9a-fA-F]{2}){5}"},
    {"san", "\\b(?i:dns|uri|email|ip|upn|cn)[:=][^\\s,;\"'\\\\]+"},
    {"url-host", "://[^/\\s\"'\\\\]+"},
    {"mail", "[\\w.+-]+@[\\w-]+(?:\\.[\\w-]+)+"},
    {"home", "/home/[^/\\s\"'\\\\,]+"},
    {"address", "(?:[0-9]{1,3}\\.){3}[0-9]{1,3}"},
    {"address", "\\b(?:[0-9a-fA-F]{1,4}:){7}[0-9a-fA-F]{1,4}\\b"},
    {"address",
     "\\b[0-9a-fA-F]{1,4}(?::[0-9a-fA-F]{1,4})*::(?:[0-9a-fA-F]{1,4}(?::[0-9a-fA-F]{"
     "1,4})*)?|::[0-9a-fA-F]{1,4}(?::[0-9a-fA-F]{1,4})*\\b"},
};
constexpr size_t kKindCount = std::size(kKinds);

// One pattern for the next thing to replace, with one group for each kind.
std::string NextPattern() {
  std::vector<std::string> groups;
  for (const RedactedKind& kind : kKinds) groups.push_back(absl::StrCat("(", kind.pattern, ")"));
  return absl::StrJoin(groups, "|");
}

std::vector<std::string> SearchedNames(const std::vector<std::string>& names) {
  std::vector<std::string> searched;
  for (const std::string& name : names) {
    if (name.size() >= kShortestName) searched.push_back(absl::AsciiStrToLower(name));
  }
  const auto longer = [](const std::string& a, const std::string& b) {
    return a.size() > b.size();
  };
  std::stable_sort(searched.begin(), searched.end(), longer);
  return searched;
}

bool IsNamePart(absl::string_view text, size_t at) {
  return at < text.size() && absl::ascii_isalnum(static_cast<unsigned char>(text[at]));
}

// Where the labels before a name begin: "db." of "db.node-7".
size_t BeginOfLabels(absl::string_view text, size_t name) {
  size_t begin = name;
  while (begin > 1 && text[begin - 1] == '.' && IsNamePart(text, begin - 2)) {
    --begin;
    while (begin > 0 && (IsNamePart(text, begin - 1) || text[begin - 1] == '-')) --begin;
  }
  return begin;
}

// Calls `take` with each match of `pattern`, what stands before it, and which of its groups it is;
// at the end with an empty match and the rest.
void Scan(const RE2& pattern, absl::string_view text,
          const std::function<void(absl::string_view, absl::string_view, size_t)>& take) {
  const re2::StringPiece piece(text.data(), text.size());
  std::array<re2::StringPiece, kKindCount + 1> found;  // The first is the whole match.
  const int wanted = 1 + pattern.NumberOfCapturingGroups();
  size_t from = 0;
  while (pattern.Match(piece, from, text.size(), RE2::UNANCHORED, found.data(), wanted)) {
    const auto at = static_cast<size_t>(found[0].data() - piece.data());
    size_t group = 0;
    while (group + 1 < static_cast<size_t>(wanted) && found[group + 1].data() == nullptr) ++group;
    take(text.substr(from, at - from), text.substr(at, found[0].size()), group);
    from = at + found[0].size();
  }
  take(text.substr(from), "", 0);
}

}  // namespace

Redactor::Redactor(const std::vector<std::string>& names)
    : names_(SearchedNames(names)),
      next_(std::make_shared<const RE2>(NextPattern())),
      domain_(std::make_shared<const RE2>(kDomain)),
      guests_(std::make_shared<const RE2>(kGuests)),
      escape_(std::make_shared<const RE2>(kEscape)) {}

std::string Redactor::StandIn(const std::string& kind, absl::string_view what) {
  const auto [place, is_new] = stand_ins_.try_emplace(absl::AsciiStrToLower(what));
  if (is_new) place->second = absl::StrCat(kind, "-", ++counts_[kind]);
  return place->second;
}

std::string Redactor::RedactNames(absl::string_view piece) {
  std::string text(piece);
  for (const std::string& name : names_) {
    const std::string lower = absl::AsciiStrToLower(text);
    std::string out;
    size_t done = 0;
    size_t at = lower.find(name);
    for (; at != std::string::npos; at = lower.find(name, at + 1)) {
      const size_t end = at + name.size();
      if (at < done || IsNamePart(text, end) || (at > 0 && IsNamePart(text, at - 1))) continue;
      const size_t begin = std::max(done, BeginOfLabels(text, at));
      absl::StrAppend(&out, text.substr(done, begin - done),
                      StandIn("host", text.substr(begin, end - begin)));
      done = end;
    }
    text = absl::StrCat(out, text.substr(done));
  }
  return text;
}

std::string Redactor::RedactPiece(absl::string_view piece) {
  const std::string text = RedactNames(piece);
  std::string out;
  Scan(*next_, text, [&](absl::string_view gap, absl::string_view what, size_t kind) {
    absl::StrAppend(&out, gap);
    if (what.empty()) return;
    // What begins a URL's host stays to be read as such.
    const bool is_url = absl::StartsWith(what, "://");
    absl::StrAppend(&out, is_url ? "://" : "", StandIn(kKinds[kind].name, what));
  });
  return out;
}

std::string Redactor::RedactLine(absl::string_view line) {
  std::string unnamed;
  Scan(*domain_, line, [&](absl::string_view gap, absl::string_view what, size_t) {
    absl::StrAppend(&unnamed, gap, what.empty() ? "" : StandIn("domain", what));
  });
  std::string out;
  Scan(*escape_, unnamed, [&](absl::string_view gap, absl::string_view what, size_t) {
    absl::StrAppend(&out, RedactPiece(gap), what);
  });
  return out;
}

std::string Redactor::RedactMessage(absl::string_view message) {
  std::string out;
  Scan(*guests_, message, [&](absl::string_view gap, absl::string_view what, size_t) {
    absl::StrAppend(&out, gap);
    if (what.empty()) return;
    const bool is_quote = what[0] == '\'';
    absl::StrAppend(&out, IsPlainPath(what) || what == "/"
                              ? std::string(what)
                              : StandIn(is_quote ? "quoted" : "path", what));
  });
  return Redact(out);
}

std::string Redactor::Redact(absl::string_view text) {
  std::vector<std::string> lines;
  for (const absl::string_view line : absl::StrSplit(text, '\n')) {
    const bool is_long = line.size() > kLineLimitBytes;
    lines.push_back(is_long ? absl::StrCat("(a line of ", line.size(), " bytes is left out)")
                            : RedactLine(line));
  }
  return absl::StrJoin(lines, "\n");
}

}  // namespace ccplace::ctl
