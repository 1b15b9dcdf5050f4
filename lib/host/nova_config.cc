#include "lib/host/nova_config.h"

#include <algorithm>
#include <limits>
#include <set>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "lib/base/number.h"
#include "lib/base/status.h"
#include "lib/base/text.h"
#include "lib/host/oslo_file.h"

namespace ccplace {
namespace {

constexpr char kLibvirt[] = "libvirt";
constexpr char kDefault[] = "DEFAULT";
constexpr absl::string_view kArchitecture = "x86_64";

const std::set<OsloName>& Wanted() {
  static const std::set<OsloName>& wanted =
      *new std::set<OsloName>{{kLibvirt, "cpu_mode"},
                              {kLibvirt, "cpu_models"},
                              {kLibvirt, "cpu_model"},  // The earlier name.
                              {kLibvirt, "virt_type"},
                              {kLibvirt, "hw_machine_type"},
                              {kLibvirt, "num_intel_tdx_guests"},
                              {kLibvirt, "num_memory_encrypted_guests"},
                              {kDefault, "host"},
                              {kDefault, "reserved_host_memory_mb"}};
  return wanted;
}

// One file that was read.
struct NovaFile {
  std::string path;
  OsloValues values;
};

// Files by themselves, folders by those of their files that oslo.config reads.
absl::StatusOr<std::vector<std::string>> FilesOf(const HostFiles& files, const std::string& path) {
  const absl::StatusOr<FileKind> kind = files.Kind(path);
  if (!kind.ok()) return kind.status();
  if (*kind != FileKind::kDirectory) return std::vector<std::string>{path};
  const absl::StatusOr<std::vector<std::string>> names = files.ListDirectory(path);
  if (!names.ok()) return names.status();
  std::vector<std::string> found;
  for (const std::string& name : *names) {
    if (name[0] == '.' || !absl::EndsWith(name, ".conf")) continue;
    found.push_back(absl::StrCat(absl::StripSuffix(path, "/"), "/", name));
  }
  return found;
}

absl::StatusOr<std::vector<std::string>> AllFiles(const HostFiles& files,
                                                  const std::vector<std::string>& paths) {
  std::vector<std::string> all;
  for (const std::string& path : paths) {
    const absl::StatusOr<std::vector<std::string>> some = FilesOf(files, path);
    if (!some.ok()) return some.status();
    all.insert(all.end(), some->begin(), some->end());
  }
  if (all.size() <= kNovaConfigFileLimit) return all;
  return absl::OutOfRangeError(absl::StrCat(all.size(),
                                            " files of nova's configuration, of which at most ",
                                            kNovaConfigFileLimit, " are read"));
}

absl::StatusOr<NovaFile> ReadOne(const HostFiles& files, const std::string& path) {
  const absl::StatusOr<std::string> text = files.ReadFile(path, kNovaConfigFileLimitBytes);
  if (!text.ok()) return text.status();
  absl::StatusOr<OsloValues> values = ParseOsloFile(*text, Wanted());
  if (!values.ok()) return WithContext(values.status(), Quoted(path));
  return NovaFile{path, *std::move(values)};
}

// The values in force, each turned into what it means. The first fault stays.
class NovaValues {
 public:
  explicit NovaValues(const std::vector<NovaFile>& files) : files_(files) {}

  // What is in force, by the option's name or an earlier one; null: nothing.
  const std::string* Find(const char* group, const char* option, const char* earlier = nullptr) {
    for (auto file = files_.rbegin(); file != files_.rend(); ++file) {
      for (const char* name : {option, earlier}) {
        if (name == nullptr) continue;
        const auto found = file->values.find({group, name});
        if (found != file->values.end()) return Take(*file, option, found->second);
      }
    }
    return nullptr;
  }

  void OneOf(const char* option, const std::vector<std::string>& allowed, std::string& out) {
    const std::string* value = Find(kLibvirt, option);
    if (value == nullptr) return;
    if (std::find(allowed.begin(), allowed.end(), *value) == allowed.end()) {
      Fault(option, *value, absl::StrCat("none of ", absl::StrJoin(allowed, ", ")));
    }
    out = *value;
  }

  // Decimal, with the signs, blanks and underscores that Python takes. Empty: as if not stated.
  std::optional<uint64_t> Number(const char* group, const char* option) {
    const std::string* value = Find(group, option);
    if (value == nullptr) return std::nullopt;
    absl::string_view text = PythonStripped(*value);
    if (text.empty()) return std::nullopt;
    absl::ConsumePrefix(&text, "+");
    const std::optional<uint64_t> number = ParseDecimal(WithoutUnderscores(text));
    if (!number.has_value() || *number > kNumberLimit) Fault(option, *value, "no number from 0 on");
    return number;
  }

  std::vector<std::string> List(const char* option, const char* earlier = nullptr) {
    const std::string* value = Find(kLibvirt, option, earlier);
    if (value == nullptr) return {};
    absl::string_view text = PythonStripped(*value);
    while (absl::ConsumeSuffix(&text, ",")) {
    }
    if (text.empty()) return {};
    std::vector<std::string> items;
    for (const absl::string_view item : absl::StrSplit(text, ',')) {
      items.emplace_back(PythonStripped(item));
    }
    return items;
  }

  const absl::Status& status() const { return status_; }
  std::map<std::string, std::string>& stated_in() { return stated_in_; }

 private:
  static constexpr uint64_t kNumberLimit = std::numeric_limits<int64_t>::max();

  // "1_000" is 1000, and "_1", "1_" and "1__0" are nothing.
  static std::string WithoutUnderscores(absl::string_view text) {
    std::string digits;
    char before = '_';
    for (const char c : text) {
      if (c == '_' && before == '_') return "";
      if (c != '_') digits.push_back(c);
      before = c;
    }
    return before == '_' ? "" : digits;
  }

  const std::string* Take(const NovaFile& file, const char* option, const std::string& value) {
    stated_in_[option] = file.path;
    if (!absl::StrContains(value, '$')) return &value;
    status_.Update(
        absl::UnimplementedError(absl::StrCat(Quoted(file.path), ": ", option, " = ", Quoted(value),
                                              " refers to another option, which is not followed")));
    return nullptr;
  }

  void Fault(const char* option, const std::string& value, absl::string_view what) {
    status_.Update(absl::InvalidArgumentError(absl::StrCat(Quoted(stated_in_[option]), ": ", option,
                                                           " = ", Quoted(value), " is ", what)));
  }

  const std::vector<NovaFile>& files_;
  absl::Status status_;
  std::map<std::string, std::string> stated_in_;
};

// The first that fits counts; nova passes over mappings without a machine type.
void TakeMachineType(const std::vector<std::string>& mappings, NovaConfig& config) {
  for (const std::string& mapping : mappings) {
    const std::pair<absl::string_view, absl::string_view> parts =
        absl::StrSplit(mapping, absl::MaxSplits('=', 1));
    if (parts.first != kArchitecture || parts.second.empty()) continue;
    config.machine_type = std::string(parts.second);
    return;
  }
}

absl::StatusOr<NovaConfig> Understand(const std::vector<NovaFile>& files) {
  NovaConfig config;
  NovaValues values(files);
  values.OneOf("virt_type", {"kvm", "lxc", "qemu", "parallels"}, config.virt_type);
  if (config.virt_type != "kvm" && config.virt_type != "qemu") config.cpu_mode = "none";
  values.OneOf("cpu_mode", {"host-model", "host-passthrough", "custom", "none"}, config.cpu_mode);
  config.cpu_models = values.List("cpu_models", "cpu_model");
  TakeMachineType(values.List("hw_machine_type"), config);
  config.tdx_guests = values.Number(kLibvirt, "num_intel_tdx_guests");
  config.encrypted_guests = values.Number(kLibvirt, "num_memory_encrypted_guests");
  const std::optional<uint64_t> reserved = values.Number(kDefault, "reserved_host_memory_mb");
  config.reserved_memory_mib = reserved.value_or(config.reserved_memory_mib);
  if (const std::string* host = values.Find(kDefault, "host")) config.host = *host;
  if (!values.status().ok()) return values.status();
  config.stated_in = std::move(values.stated_in());
  return config;
}

}  // namespace

absl::StatusOr<NovaConfig> ReadNovaConfig(const HostFiles& files,
                                          const std::vector<std::string>& paths) {
  const absl::StatusOr<std::vector<std::string>> all = AllFiles(files, paths);
  if (!all.ok()) return all.status();
  std::vector<NovaFile> read;
  for (const std::string& path : *all) {
    absl::StatusOr<NovaFile> file = ReadOne(files, path);
    if (!file.ok()) return file.status();
    read.push_back(*std::move(file));
  }
  return Understand(read);
}

}  // namespace ccplace
