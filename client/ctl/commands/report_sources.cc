#include "client/ctl/commands/report_sources.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <deque>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "lib/base/text.h"
#include "lib/host/file_descriptor.h"

namespace ccplace::ctl {
namespace {

constexpr size_t kReportFileLimit = size_t{64} * 1024;
constexpr size_t kMostFiles = 256;
constexpr size_t kMostLines = 200;
constexpr size_t kMostRecords = 100000;  // The kernel's buffer holds fewer.
constexpr size_t kLogLineLimit = 1024;

// The last kMostLines of what is added.
class LastLines {
 public:
  void Add(absl::string_view line) {
    lines_.push_back(Printable(line, kLogLineLimit));
    if (lines_.size() > kMostLines) lines_.pop_front();
  }
  std::vector<std::string> Take() const { return {lines_.begin(), lines_.end()}; }

 private:
  std::deque<std::string> lines_;
};

// Options whose values name people or hosts.
bool IsAboutNames(absl::string_view option) {
  for (const absl::string_view name : {"--tls_readers", "--tls_operators", "--node_name"}) {
    if (option == name) return true;
  }
  return false;
}

bool SpeaksOfEncryption(absl::string_view line) {
  const std::string lower = absl::AsciiStrToLower(line);
  for (const absl::string_view word : {"tdx", "seam", "sev", "ccp 0", "mktme", "tme:"}) {
    if (absl::StrContains(lower, word)) return true;
  }
  return false;
}

// A record is "priority,number,time,flags;text", and more lines that only programs read
// (Documentation/ABI/testing/dev-kmsg).
absl::string_view TextOfRecord(absl::string_view record) {
  const size_t begin = record.find(';');
  if (begin == absl::string_view::npos) return "";
  record.remove_prefix(begin + 1);
  return record.substr(0, record.find('\n'));
}

}  // namespace

std::vector<ReportFile> ReadDescriptors(const HostFiles& files) {
  std::vector<ReportFile> out;
  for (const std::string folder : {"/etc/qemu/firmware", "/usr/share/qemu/firmware"}) {
    const auto names = files.ListDirectory(folder);
    if (!names.ok()) {
      out.push_back({folder, std::string(names.status().message())});
      continue;
    }
    for (const std::string& name : *names) {
      if (out.size() == kMostFiles) return out;
      const std::string path = absl::StrCat(folder, "/", name);
      const auto content = files.ReadFile(path, kReportFileLimit);
      out.push_back({path, content.ok() ? *content : std::string(content.status().message())});
    }
  }
  return out;
}

absl::StatusOr<std::vector<std::string>> ReadFlagLines(const HostFiles& files,
                                                       const std::string& path) {
  const auto content = files.ReadFile(path, kReportFileLimit);
  if (!content.ok()) return content.status();
  std::vector<std::string> lines;
  for (absl::string_view line : absl::StrSplit(*content, '\n')) {
    line = absl::StripAsciiWhitespace(line);
    if (line.empty() || line[0] == '#') continue;
    const absl::string_view option = line.substr(0, line.find('='));
    lines.push_back(IsAboutNames(option) ? absl::StrCat(Printable(option), "=(left out)")
                                         : Printable(line, kLogLineLimit));
  }
  return lines;
}

absl::StatusOr<std::vector<std::string>> ReadKernelLog() {
  constexpr char kLog[] = "/dev/kmsg";
  const FileDescriptor log(open(kLog, O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  if (log.get() < 0) return FileError(kLog, "open", errno);
  std::array<char, 8192> record;
  LastLines lines;
  for (size_t count = 0; count < kMostRecords; ++count) {
    const ssize_t size = read(log.get(), record.data(), record.size());
    if (size < 0 && errno == EPIPE)
      continue;  // It was overwritten meanwhile: the next one is read.
    if (size <= 0) break;
    const absl::string_view text =
        TextOfRecord(absl::string_view(record.data(), static_cast<size_t>(size)));
    if (SpeaksOfEncryption(text)) lines.Add(text);
  }
  return lines.Take();
}

std::vector<std::string> AuditLines(absl::string_view log) {
  LastLines lines;
  for (const absl::string_view line : absl::StrSplit(log, '\n')) {
    if (absl::StrContains(line, "[audit]") || absl::StrContains(line, "\"audit\"")) lines.Add(line);
  }
  return lines.Take();
}

}  // namespace ccplace::ctl
