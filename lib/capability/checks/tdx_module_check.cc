// The check of the TDX module's version against the least one that the daemon's options name.
#include <algorithm>
#include <optional>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "lib/base/text.h"
#include "lib/capability/checks/checks.h"

namespace ccplace {
namespace {

using Floor = std::vector<TdxModuleVersion>;

std::string FloorText(const Floor& floor) {
  return absl::StrJoin(floor, ",", [](std::string* out, const TdxModuleVersion& version) {
    absl::StrAppend(out, TdxModuleText(version));
  });
}

// What is known of a version beside its number.
std::string PublishedText(const TdxModuleVersion& version) {
  const PublishedTdxModule* known = FindPublishedTdxModule(version);
  if (known == nullptr) {
    return absl::StrCat(TdxModuleText(version), " (not in the table of published modules, as of ",
                        kTdxModuleTableDate, ")");
  }
  return absl::StrCat(TdxModuleText(version), " (SVN ", known->major_svn, ".", known->minor_svn,
                      ", built ", known->build_date, ")");
}

std::string UpdateRemedy(const std::string& wanted) {
  return absl::StrCat("load TDX module ", wanted,
                      " or later: with a BIOS update, or at run time where the kernel takes one "
                      "(/sys/class/firmware/tdx_module, Linux 7.2); a guest that runs keeps the "
                      "TEE_TCB_SVN of its start until it is restarted");
}

// Of a line that the floor does not name.
Finding JudgeOtherLine(const TdxModuleVersion& version, const Floor& floor,
                       const std::string& source) {
  const TdxModuleVersion lowest = *std::min_element(floor.begin(), floor.end());
  if (version < lowest) {
    return Fail(absl::StrCat(PublishedText(version), ", older than every line that is allowed"),
                source, UpdateRemedy(FloorText(floor)));
  }
  const std::string line = absl::StrCat(version.major, ".", version.minor);
  return Unknown(
      absl::StrCat(PublishedText(version), "; --tdx_min_module_version names none of line ", line),
      source,
      absl::StrCat("add the lowest version of line ", line,
                   " that is good enough to --tdx_min_module_version"));
}

Finding Judge(const TdxModuleVersion& version, const Floor& floor, const std::string& source) {
  const auto least = std::find_if(floor.begin(), floor.end(), [&](const TdxModuleVersion& one) {
    return IsSameLine(one, version);
  });
  if (least == floor.end()) return JudgeOtherLine(version, floor, source);
  if (!(version < *least)) return Pass(PublishedText(version), source);
  const std::string wanted = TdxModuleText(*least);
  return Fail(absl::StrCat(PublishedText(version), ", older than ", wanted), source,
              UpdateRemedy(wanted));
}

}  // namespace

Finding CheckTdxModuleVersion(const CheckInput& input) {
  const Floor& floor = input.options.tdx_min_module_versions;
  if (floor.empty()) return {v1::CHECK_RESULT_UNSPECIFIED, "", "", ""};
  const std::string source =
      absl::StrCat(kTdxModulePath, ", --tdx_min_module_version=", FloorText(floor));
  const absl::StatusOr<std::string>& word = input.files.kernel.tdx_module;
  constexpr absl::string_view kRemedy =
      "run Linux 7.2 or later, which states the module's version, and let ccplaced read the host's "
      "own /sys; or leave --tdx_min_module_version out, and have verifiers judge TEE_TCB_SVN";
  if (!word.ok()) return Unknown(word.status().message(), source, kRemedy);
  const std::optional<TdxModuleVersion> version = ParseTdxModuleVersion(*word);
  if (version.has_value()) return Judge(*version, floor, source);
  return Unknown(absl::StrCat(Quoted(*word), ", which is no version as 1.5.24"), source, kRemedy);
}

}  // namespace ccplace
