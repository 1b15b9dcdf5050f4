#include "lib/host/tdx_module.h"

#include <algorithm>
#include <tuple>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "lib/base/text.h"
#include "lib/host/host_files.h"

namespace ccplace {
namespace {

constexpr size_t kMostDigits = 5;

std::optional<uint32_t> ParsePart(absl::string_view text) {
  const bool is_number = !text.empty() && text.size() <= kMostDigits &&
                         text.find_first_not_of("0123456789") == absl::string_view::npos;
  uint32_t number = 0;
  if (!is_number || !absl::SimpleAtoi(text, &number)) return std::nullopt;
  return number;
}

std::tuple<uint32_t, uint32_t, uint32_t> PartsOf(const TdxModuleVersion& version) {
  return {version.major, version.minor, version.update};
}

}  // namespace

bool operator==(const TdxModuleVersion& a, const TdxModuleVersion& b) {
  return PartsOf(a) == PartsOf(b);
}

bool operator<(const TdxModuleVersion& a, const TdxModuleVersion& b) {
  return PartsOf(a) < PartsOf(b);
}

bool IsSameLine(const TdxModuleVersion& a, const TdxModuleVersion& b) {
  return a.major == b.major && a.minor == b.minor;
}

std::optional<TdxModuleVersion> ParseTdxModuleVersion(absl::string_view text) {
  const std::vector<absl::string_view> parts = absl::StrSplit(text, '.');
  if (parts.size() != 3) return std::nullopt;
  const std::optional<uint32_t> major = ParsePart(parts[0]);
  const std::optional<uint32_t> minor = ParsePart(parts[1]);
  const std::optional<uint32_t> update = ParsePart(parts[2]);
  if (!major.has_value() || !minor.has_value() || !update.has_value()) return std::nullopt;
  return TdxModuleVersion{*major, *minor, *update};
}

std::string TdxModuleText(const TdxModuleVersion& version) {
  return absl::StrFormat("%d.%d.%02d", version.major, version.minor, version.update);
}

absl::StatusOr<std::string> ReadTdxModule(const HostFiles& files) {
  return ReadWord(files, kTdxModulePath);
}

absl::StatusOr<std::vector<TdxModuleVersion>> ParseTdxModuleFloor(
    const std::vector<std::string>& texts) {
  std::vector<TdxModuleVersion> floor;
  for (const std::string& text : texts) {
    const std::optional<TdxModuleVersion> version = ParseTdxModuleVersion(text);
    if (!version.has_value()) {
      return absl::InvalidArgumentError(
          absl::StrCat(Quoted(text), " is no version of a TDX module; give one as 1.5.24"));
    }
    const bool twice = std::any_of(floor.begin(), floor.end(), [&](const TdxModuleVersion& other) {
      return IsSameLine(other, *version);
    });
    if (twice) {
      return absl::InvalidArgumentError(absl::StrCat(
          Quoted(text), ": the line ", version->major, ".", version->minor,
          " is named twice; give the lowest version of a line that is good enough, once"));
    }
    floor.push_back(*version);
  }
  return floor;
}

}  // namespace ccplace
