#include "lib/host/misc_cgroup.h"

#include <optional>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "lib/base/number.h"
#include "lib/base/text.h"

namespace ccplace {
namespace {

// The kernel has three resources (include/linux/misc_cgroup.h); one line has 40 bytes at most.
constexpr size_t kMiscLimitBytes = size_t{64} * 1024;
// Root group: cgroup v2 mounted as systemd does it, then cgroup v1's own hierarchy.
constexpr absl::string_view kMiscFolders[] = {"/sys/fs/cgroup", "/sys/fs/cgroup/misc"};

absl::StatusOr<MiscCounts> ReadCounts(const HostFiles& files, absl::string_view name) {
  std::vector<std::string> tried;
  for (const absl::string_view folder : kMiscFolders) {
    const std::string path = absl::StrCat(folder, "/", name);
    const absl::StatusOr<std::string> content = files.ReadFile(path, kMiscLimitBytes);
    if (content.ok()) return MiscCounts(path, *content);
    if (!absl::IsNotFound(content.status())) return content.status();
    tried.push_back(path);
  }
  return absl::NotFoundError(absl::StrCat("neither ", tried[0], " nor ", tried[1], " exists"));
}

}  // namespace

MiscCounts::MiscCounts(std::string path, absl::string_view content) : path_(std::move(path)) {
  for (const absl::string_view line : absl::StrSplit(content, '\n')) TakeLine(line);
}

void MiscCounts::TakeLine(absl::string_view line) {
  const std::vector<std::string> words =
      absl::StrSplit(line, absl::ByAnyChar(" \t\r"), absl::SkipEmpty());
  if (words.empty()) return;
  if (words.size() != 2) {
    if (bad_line_.empty()) bad_line_ = Quoted(line);
    return;
  }
  const auto [it, is_new] = counts_.try_emplace(words[0]);
  absl::StatusOr<uint64_t>& count = it->second;
  if (!is_new) {
    count = absl::InvalidArgumentError(
        absl::StrCat(path_, " names ", Quoted(words[0]), " more than once"));
  } else if (const std::optional<uint64_t> number = ParseDecimal(words[1])) {
    count = *number;
  } else {
    count = absl::InvalidArgumentError(
        absl::StrCat(path_, " says ", Quoted(line), ", which is no number from 0 to 2^64 - 1"));
  }
}

bool MiscCounts::Has(absl::string_view name) const { return counts_.find(name) != counts_.end(); }

absl::StatusOr<uint64_t> MiscCounts::Count(absl::string_view name) const {
  if (const auto it = counts_.find(name); it != counts_.end()) return it->second;
  if (bad_line_.empty()) return 0;
  return absl::InvalidArgumentError(
      absl::StrCat(path_, " has no line for ", name, ", but one that makes no sense: ", bad_line_));
}

MiscCgroup ReadMiscCgroup(const HostFiles& files) {
  return {ReadCounts(files, "misc.capacity"), ReadCounts(files, "misc.current"),
          ReadCounts(files, "misc.peak")};
}

}  // namespace ccplace
