#include "client/ctl/commands/report_sources.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <deque>
#include <iterator>
#include <nlohmann/json.hpp>
#include <optional>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "lib/base/number.h"
#include "lib/base/text.h"
#include "lib/host/file_descriptor.h"

namespace ccplace::ctl {
namespace {

constexpr size_t kReportFileLimit = size_t{64} * 1024;
constexpr size_t kMostFiles = 256;
constexpr size_t kMostLines = 200;
constexpr size_t kMostRecords = 100000;  // The kernel's buffer holds fewer.
constexpr size_t kLogLineLimit = 1024;
constexpr size_t kPathLimit = 4096;

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

// Options whose values say nothing of people, places and guests.
constexpr absl::string_view kPlainOptions[] = {"--allow_debug",
                                               "--cpu_mode",
                                               "--default_machine_type",
                                               "--grpc_memory_mib",
                                               "--hypervisor_queue",
                                               "--hypervisor_threads",
                                               "--hypervisor_timeout",
                                               "--idle_timeout",
                                               "--keepalive_interval",
                                               "--keepalive_timeout",
                                               "--log_format",
                                               "--log_level",
                                               "--max_concurrent_calls",
                                               "--max_connection_age",
                                               "--max_connections",
                                               "--max_connections_per_caller",
                                               "--max_request_bytes",
                                               "--max_watchers",
                                               "--max_watchers_per_caller",
                                               "--operator_socket_mode",
                                               "--plaintext_role",
                                               "--readonly_socket_mode",
                                               "--refresh_interval",
                                               "--request_dialect",
                                               "--require_attestation",
                                               "--sev_es_guest_limit",
                                               "--sev_guest_limit",
                                               "--shutdown_timeout",
                                               "--simulate",
                                               "--tdx_guest_limit",
                                               "--tdx_key_class",
                                               "--tdx_min_module_version",
                                               "--tdx_reserved_keys",
                                               "--virt_type"};

// Parameters of the kernel's command line that belong to a report: nothing else of it does.
constexpr absl::string_view kPlainParameters[] = {
    "kvm.",         "kvm_intel.", "kvm_amd.",     "nohibernate", "tdx",  "sev=",
    "mem_encrypt=", "iommu=",     "intel_iommu=", "amd_iommu=",  "nosmt"};

// What the specification of descriptors knows (QEMU, docs/interop/firmware.json), but for the
// description, which is free text.
constexpr const char* kDescriptorFields[] = {"interface-types", "mapping", "targets", "features",
                                             "tags"};

bool IsPlainOption(absl::string_view option) {
  return std::find(std::begin(kPlainOptions), std::end(kPlainOptions), option) !=
         std::end(kPlainOptions);
}

bool IsPlainParameter(absl::string_view word) {
  return std::any_of(std::begin(kPlainParameters), std::end(kPlainParameters),
                     [word](absl::string_view plain) { return absl::StartsWith(word, plain); });
}

bool SpeaksOfEncryption(absl::string_view line) {
  static constexpr absl::string_view kWords[] = {"tdx", "seam", "seamcall", "seamldr", "sev",
                                                 "snp", "ccp",  "mktme",    "tme"};
  const std::string lower = absl::AsciiStrToLower(line);
  for (const absl::string_view word : absl::StrSplit(lower, absl::ByAnyChar(" \t:/-_.,()[]=\"'"))) {
    if (std::find(std::begin(kWords), std::end(kWords), word) != std::end(kWords)) return true;
  }
  return false;
}

// The command line's own words stand behind "ommand line", in whichever message it is told.
std::string WithoutOtherParameters(absl::string_view line, size_t begin) {
  std::string out(line.substr(0, begin));
  size_t others = 0;
  for (absl::string_view word : absl::StrSplit(line.substr(begin), ' ', absl::SkipEmpty())) {
    absl::ConsumePrefix(&word, "\"");
    if (IsPlainParameter(word)) {
      absl::StrAppend(&out, " ", word);
    } else {
      ++others;
    }
  }
  return absl::StrCat(out, " (", others, " words left out)");
}

// A record is "priority,number,time,flags;text", and more lines that only programs read
// (Documentation/ABI/testing/dev-kmsg). A priority has the facility above its lowest three bits; 0
// is the kernel's own.
absl::string_view KernelTextOf(absl::string_view record) {
  constexpr uint64_t kPriorities = 8;
  const std::optional<uint64_t> priority = ParseDecimal(record.substr(0, record.find(',')));
  const size_t begin = record.find(';');
  if (!priority.has_value() || *priority >= kPriorities || begin == absl::string_view::npos) {
    return "";
  }
  record.remove_prefix(begin + 1);
  return record.substr(0, record.find('\n'));
}

nlohmann::ordered_json DescriptorOf(absl::string_view content) {
  const auto json = nlohmann::ordered_json::parse(content.begin(), content.end(), nullptr, false);
  if (!json.is_object()) {
    return absl::StrCat("no JSON object, ", content.size(), " bytes: left out");
  }
  nlohmann::ordered_json known = nlohmann::ordered_json::object();
  for (const char* field : kDescriptorFields) {
    if (json.contains(field)) known[field] = json[field];
  }
  return known;
}

// The audit's object in a line of the log, of either format; null: there is none.
nlohmann::ordered_json AuditOf(absl::string_view line) {
  const size_t begin = line.find('{');
  if (begin == absl::string_view::npos) return nullptr;
  const absl::string_view text = line.substr(begin);
  auto json = nlohmann::ordered_json::parse(text.begin(), text.end(), nullptr, false);
  return json.is_object() ? json : nlohmann::ordered_json();
}

// A line of the audit as a report shows it.
std::string AuditLineOf(const nlohmann::ordered_json& audit, Redactor& redactor) {
  nlohmann::ordered_json line;
  for (const char* field : {"time", "rpc", "uuid", "digest", "what", "verdict", "reason", "late",
                            "request_id", "trace_id", "span_id"}) {
    if (audit.contains(field) && !audit[field].is_structured()) line[field] = audit[field];
  }
  const auto text = [&audit](const char* field) {
    return audit.contains(field) && audit[field].is_string() ? audit[field].get<std::string>() : "";
  };
  if (!text("caller").empty()) line["caller"] = redactor.StandIn("caller", text("caller"));
  if (!text("message").empty()) line["message"] = redactor.RedactMessage(text("message"));
  return line.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

}  // namespace

nlohmann::ordered_json ReadDescriptors(const HostFiles& files) {
  nlohmann::ordered_json out = nlohmann::ordered_json::object();
  for (const std::string folder : {"/etc/qemu/firmware", "/usr/share/qemu/firmware"}) {
    const auto names = files.ListDirectory(folder);
    if (!names.ok()) {
      out[folder] = std::string(names.status().message());
      continue;
    }
    for (const std::string& name : *names) {
      if (out.size() == kMostFiles) return out;
      const std::string path = absl::StrCat(folder, "/", name);
      const auto content = files.ReadFile(path, kReportFileLimit);
      out[Printable(path, kPathLimit)] =
          content.ok() ? DescriptorOf(*content)
                       : nlohmann::ordered_json(std::string(content.status().message()));
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
    const absl::string_view option = line.substr(0, line.find_first_of("= \t"));
    const bool is_option = absl::StartsWith(option, "-");
    lines.push_back(IsPlainOption(option) ? Printable(line, kLogLineLimit)
                    : is_option           ? absl::StrCat(Printable(option), "=(left out)")
                                          : "(left out)");
  }
  return lines;
}

std::string KernelLineOf(absl::string_view record) {
  constexpr absl::string_view kCommandLine = "ommand line";
  const absl::string_view text = KernelTextOf(record);
  if (!SpeaksOfEncryption(text) || absl::StartsWith(text, "audit:")) return "";
  const size_t command_line = text.find(kCommandLine);
  if (command_line == absl::string_view::npos) return std::string(text);
  return WithoutOtherParameters(text, command_line + kCommandLine.size());
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
    const std::string line =
        KernelLineOf(absl::string_view(record.data(), static_cast<size_t>(size)));
    if (!line.empty()) lines.Add(line);
  }
  return lines.Take();
}

std::vector<std::string> AuditLines(absl::string_view log, Redactor& redactor) {
  LastLines lines;
  for (const absl::string_view line : absl::StrSplit(log, '\n')) {
    if (!absl::StrContains(line, "[audit]") && !absl::StrContains(line, "\"audit\"")) continue;
    const nlohmann::ordered_json audit = AuditOf(line);
    lines.Add(audit.is_null() ? "(a line that is none of the audit's: left out)"
                              : AuditLineOf(audit, redactor));
  }
  return lines.Take();
}

}  // namespace ccplace::ctl
