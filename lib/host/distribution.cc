#include "lib/host/distribution.h"

#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace ccplace {
namespace {

constexpr size_t kOsReleaseLimitBytes = size_t{64} * 1024;

Distribution FamilyNamed(absl::string_view id) {
  if (id == "debian" || id == "ubuntu") return Distribution::kDebian;
  if (id == "fedora" || id == "rhel" || id == "centos") return Distribution::kFedora;
  const bool is_suse = id == "suse" || absl::StartsWith(id, "opensuse") || id == "sles";
  return is_suse ? Distribution::kSuse : Distribution::kOther;
}

// The value of `name` in lines NAME=value, without the quotes that it may have.
absl::string_view ValueOf(absl::string_view content, absl::string_view name) {
  for (absl::string_view line : absl::StrSplit(content, '\n')) {
    if (!absl::ConsumePrefix(&line, name) || !absl::ConsumePrefix(&line, "=")) continue;
    const bool quoted = line.size() > 1 && (line[0] == '"' || line[0] == '\'');
    return quoted && line.back() == line[0] ? line.substr(1, line.size() - 2) : line;
  }
  return "";
}

}  // namespace

Distribution ReadDistribution(const HostFiles& files) {
  for (const char* path : {"/etc/os-release", "/usr/lib/os-release"}) {
    const auto content = files.ReadFile(path, kOsReleaseLimitBytes);
    if (!content.ok()) continue;
    const Distribution own = FamilyNamed(ValueOf(*content, "ID"));
    if (own != Distribution::kOther) return own;
    for (const absl::string_view like : absl::StrSplit(ValueOf(*content, "ID_LIKE"), ' ')) {
      if (FamilyNamed(like) != Distribution::kOther) return FamilyNamed(like);
    }
    return Distribution::kOther;
  }
  return Distribution::kOther;
}

}  // namespace ccplace
