#include "lib/host/host_files.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "lib/base/text.h"

namespace ccplace {
namespace {

// Far above what the kernel writes: a utsname field has 64 bytes, a switch one.
constexpr size_t kWordLimitBytes = 4096;

}  // namespace

absl::StatusOr<std::string> ReadWord(const HostFiles& files, absl::string_view path) {
  const absl::StatusOr<std::string> content = files.ReadFile(path, kWordLimitBytes);
  if (!content.ok()) return content.status();
  const absl::string_view word = absl::StripTrailingAsciiWhitespace(*content);
  if (word.empty() || !IsPrintable(word)) {
    return absl::InvalidArgumentError(
        absl::StrCat("'", path, "' holds ", Quoted(*content), ", which is no word"));
  }
  return std::string(word);
}

}  // namespace ccplace
