#include "lib/host/apparmor_rules.h"

#include <optional>
#include <set>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "lib/base/text.h"
#include "lib/host/profile_glob.h"

namespace ccplace {
namespace {

constexpr size_t kProfileLimitBytes = size_t{256} * 1024;
constexpr size_t kProfileFileLimit = 128;
constexpr absl::string_view kProfileFolder = "/etc/apparmor.d/";
constexpr absl::string_view kNeeded = "rw";

struct FileRule {
  bool denies = false;
  bool for_owner = false;
  std::string pattern;
  std::string permissions;
};

bool IsPath(absl::string_view word) {
  return !word.empty() && (word[0] == '/' || word[0] == '{' || absl::StartsWith(word, "@{"));
}

// "[audit] [deny] [owner] [file] PATH PERMISSIONS," or with the last two the other way round.
std::optional<FileRule> ParseFileRule(absl::string_view line) {
  line = absl::StripAsciiWhitespace(line.substr(0, line.find(" #")));
  if (!absl::ConsumeSuffix(&line, ",")) return std::nullopt;
  FileRule rule;
  std::vector<std::string> words;
  const std::string unquoted = absl::StrReplaceAll(line, {{"\"", ""}});
  for (const absl::string_view word : absl::StrSplit(unquoted, ' ', absl::SkipEmpty())) {
    if (word == "audit" || word == "allow" || word == "file") continue;
    if (word == "deny" || word == "owner") {
      (word == "deny" ? rule.denies : rule.for_owner) = true;
      continue;
    }
    words.emplace_back(word);
  }
  if (words.size() != 2 || IsPath(words[0]) == IsPath(words[1])) return std::nullopt;
  const bool path_first = IsPath(words[0]);
  rule.pattern = absl::StrReplaceAll(words[path_first ? 0 : 1], {{"@{run}", "{,/var}/run"}});
  rule.permissions = words[path_first ? 1 : 0];
  return rule;
}

// What an include leads to; empty: the line is none. `if_exists`: it may be missing.
std::string IncludedPath(absl::string_view line, bool& if_exists) {
  absl::ConsumePrefix(&line, "#");
  if (!absl::ConsumePrefix(&line, "include ")) return "";
  line = absl::StripAsciiWhitespace(line);
  if_exists = absl::ConsumePrefix(&line, "if exists ");
  line = absl::StripAsciiWhitespace(line);
  if (absl::ConsumePrefix(&line, "<") && absl::ConsumeSuffix(&line, ">")) {
    return absl::StrCat(kProfileFolder, line);
  }
  if (absl::ConsumePrefix(&line, "\"")) absl::ConsumeSuffix(&line, "\"");
  return absl::StartsWith(line, "/") ? std::string(line) : absl::StrCat(kProfileFolder, line);
}

// Goes through a profile and what it includes. Not thread-safe.
class ProfileWalk {
 public:
  ProfileWalk(const HostFiles& files, absl::string_view path) : files_(files), path_(path) {}

  absl::StatusOr<std::string> Run() {
    Read(std::string(kGuestProfile), /*if_exists=*/false, /*depth=*/1);
    if (!status_.ok()) return status_;
    if (!denied_in_.empty()) {
      return absl::FailedPreconditionError(
          absl::StrCat(Quoted(denied_in_, kPathLimit), " denies it"));
    }
    if (granted_.size() == kNeeded.size()) return granted_in_;
    return absl::NotFoundError(
        absl::StrCat("no rule in ", kGuestProfile, " or what it includes allows it"));
  }

 private:
  static constexpr size_t kPathLimit = 4096;

  // `depth`: how many braces are open around the rules that are the guest's own.
  void Read(const std::string& file, bool if_exists, int depth) {
    if (!status_.ok() || !seen_.insert(file).second) return;
    if (seen_.size() > kProfileFileLimit) {
      status_ = absl::OutOfRangeError(
          absl::StrCat(kGuestProfile, " includes more than ", kProfileFileLimit, " files"));
      return;
    }
    const absl::StatusOr<FileKind> kind = files_.Kind(file);
    if (if_exists && absl::IsNotFound(kind.status())) return;
    if (kind.ok() && *kind == FileKind::kDirectory) return ReadFolder(file);
    const auto text = files_.ReadFile(file, kProfileLimitBytes);
    // A missing profile is no profile without the rule.
    if (absl::IsNotFound(text.status())) status_ = absl::UnavailableError(text.status().message());
    if (!text.ok() && status_.ok()) status_ = text.status();
    if (text.ok()) ReadText(file, *text, depth);
  }

  void ReadFolder(const std::string& folder) {
    const auto names = files_.ListDirectory(folder);
    if (!names.ok()) status_ = names.status();
    if (!names.ok()) return;
    for (const std::string& name : *names) {
      if (name[0] != '.') Read(absl::StrCat(folder, "/", name), /*if_exists=*/false, 0);
    }
  }

  void ReadText(const std::string& file, absl::string_view text, int own_depth) {
    int depth = 0;
    for (absl::string_view line : absl::StrSplit(text, '\n')) {
      line = absl::StripAsciiWhitespace(line);
      if (depth == own_depth) TakeLine(file, line);
      if (absl::StartsWith(line, "#")) continue;
      if (absl::EndsWith(line, "{")) ++depth;
      if (line == "}") --depth;
    }
  }

  void TakeLine(const std::string& file, absl::string_view line) {
    bool if_exists = false;
    const std::string included = IncludedPath(line, if_exists);
    if (!included.empty()) return Read(included, if_exists, 0);
    const auto rule = ParseFileRule(line);
    if (!rule.has_value() || rule->for_owner || !MatchesProfileGlob(rule->pattern, path_)) return;
    for (const char one : kNeeded) {
      if (!absl::StrContains(rule->permissions, one)) continue;
      (rule->denies ? denied_in_ : granted_in_) = file;
      if (!rule->denies) granted_.insert(one);
    }
  }

  const HostFiles& files_;
  const absl::string_view path_;
  std::set<std::string> seen_;
  std::set<char> granted_;
  std::string granted_in_;
  std::string denied_in_;
  absl::Status status_;
};

}  // namespace

absl::StatusOr<std::string> FindGuestSocketRule(const HostFiles& files, absl::string_view path) {
  return ProfileWalk(files, path).Run();
}

}  // namespace ccplace
