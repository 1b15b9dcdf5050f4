#include "lib/host/profile_glob.h"

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace ccplace {
namespace {

constexpr size_t kPatternLimitBytes = 1024;
constexpr size_t kAlternativeLimit = 64;

// Which characters may stand at one place.
class Place {
 public:
  // Takes its description off `pattern`, which is not empty.
  explicit Place(absl::string_view& pattern) {
    const size_t end = pattern[0] == '[' ? pattern.find(']', 2) : absl::string_view::npos;
    if (end != absl::string_view::npos) {
      set_ = std::string(pattern.substr(1, end - 1));
      pattern.remove_prefix(end + 1);
      return;
    }
    is_any_ = pattern[0] == '?';
    if (pattern[0] == '\\' && pattern.size() > 1) pattern.remove_prefix(1);
    one_ = pattern[0];
    pattern.remove_prefix(1);
  }

  bool Has(char c) const {
    if (!set_.empty()) return c != '/' && SetHas(c);
    return is_any_ ? c != '/' : c == one_;
  }

 private:
  bool SetHas(char c) const {
    const bool negated = set_[0] == '^';
    bool found = false;
    for (size_t i = negated ? 1 : 0; i < set_.size(); ++i) {
      const bool is_range = i + 2 < set_.size() && set_[i + 1] == '-';
      found |= is_range ? set_[i] <= c && c <= set_[i + 2] : set_[i] == c;
      if (is_range) i += 2;
    }
    return found != negated;
  }

  std::string set_;
  bool is_any_ = false;
  char one_ = '\0';
};

using Ends = std::vector<bool>;  // Of each number of bytes, whether the pattern so far takes them.

Ends AfterStar(const Ends& before, absl::string_view path, bool crosses_slashes) {
  Ends after = before;
  for (size_t i = 1; i < after.size(); ++i) {
    if (after[i - 1] && (crosses_slashes || path[i - 1] != '/')) after[i] = true;
  }
  return after;
}

Ends AfterPlace(const Ends& before, absl::string_view path, const Place& place) {
  Ends after(before.size(), false);
  for (size_t i = 1; i < after.size(); ++i) after[i] = before[i - 1] && place.Has(path[i - 1]);
  return after;
}

bool MatchesWithoutBraces(absl::string_view pattern, absl::string_view path) {
  Ends ends(path.size() + 1, false);
  ends[0] = true;
  while (!pattern.empty()) {
    if (absl::ConsumePrefix(&pattern, "**")) {
      ends = AfterStar(ends, path, /*crosses_slashes=*/true);
    } else if (absl::ConsumePrefix(&pattern, "*")) {
      ends = AfterStar(ends, path, /*crosses_slashes=*/false);
    } else {
      const Place place(pattern);
      ends = AfterPlace(ends, path, place);
    }
  }
  return ends.back();
}

// The pattern with its innermost braces taken apart; only itself where there are none.
std::vector<std::string> TakenApart(const std::string& pattern) {
  const size_t close = pattern.find('}');
  const size_t open = close == std::string::npos ? close : pattern.rfind('{', close);
  if (open == std::string::npos) return {pattern};
  std::vector<std::string> apart;
  const absl::string_view inside = absl::string_view(pattern).substr(open + 1, close - open - 1);
  for (const absl::string_view one : absl::StrSplit(inside, ',')) {
    apart.push_back(absl::StrCat(pattern.substr(0, open), one, pattern.substr(close + 1)));
  }
  return apart;
}

}  // namespace

bool MatchesProfileGlob(absl::string_view pattern, absl::string_view path) {
  if (pattern.size() > kPatternLimitBytes || absl::StrContains(pattern, "@{")) return false;
  std::vector<std::string> todo = {std::string(pattern)};
  size_t seen = 0;
  while (!todo.empty()) {
    if (++seen > kAlternativeLimit) return false;
    const std::string one = todo.back();
    todo.pop_back();
    const std::vector<std::string> apart = TakenApart(one);
    if (apart.size() == 1 && apart[0] == one) {
      if (MatchesWithoutBraces(one, path)) return true;
    } else {
      todo.insert(todo.end(), apart.begin(), apart.end());
    }
  }
  return false;
}

}  // namespace ccplace
