#include "lib/host/kernel_facts.h"

#include <sys/utsname.h>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "lib/base/text.h"

namespace ccplace {
namespace {

// Far above what the kernel writes: a utsname field has 64 bytes, a switch one.
constexpr size_t kParameterLimitBytes = 4096;
constexpr absl::string_view kModules = "/sys/module";
// Documentation/admin-guide/sysctl/kernel.rst; "arch" since Linux 6.1.
constexpr absl::string_view kReleasePath = "/proc/sys/kernel/osrelease";
constexpr absl::string_view kArchitecturePath = "/proc/sys/kernel/arch";
constexpr absl::string_view kTdxModulePath = "/sys/devices/faux/tdx_host/version";

// The one word that a file of the kernel's holds, with or without a newline.
absl::StatusOr<std::string> ReadWord(const HostFiles& files, absl::string_view path) {
  const absl::StatusOr<std::string> content = files.ReadFile(path, kParameterLimitBytes);
  if (!content.ok()) return content.status();
  const absl::string_view word = absl::StripTrailingAsciiWhitespace(*content);
  if (word.empty() || !IsPrintable(word)) {
    return absl::InvalidArgumentError(
        absl::StrCat("'", path, "' holds ", Quoted(*content), ", which is no word"));
  }
  return std::string(word);
}

absl::StatusOr<std::string> ReadArchitecture(const HostFiles& files, absl::string_view machine) {
  absl::StatusOr<std::string> word = ReadWord(files, kArchitecturePath);
  if (absl::IsNotFound(word.status()) && !machine.empty()) return std::string(machine);
  return word;
}

// Why a switch is not there: a module that is not loaded and a kernel without the parameter need
// different repairs, and a missing /sys means that nothing was learned.
absl::Status ExplainAbsence(const HostFiles& files, absl::string_view module,
                            absl::string_view parameter) {
  if (!files.Kind(kModules).ok()) {
    return absl::UnavailableError(absl::StrCat("'", kModules, "' cannot be looked into"));
  }
  const absl::StatusOr<FileKind> folder = files.Kind(absl::StrCat(kModules, "/", module));
  if (absl::IsNotFound(folder.status())) {
    return absl::NotFoundError(absl::StrCat("kernel module ", module, " is not loaded"));
  }
  if (!folder.ok()) return folder.status();
  return absl::NotFoundError(
      absl::StrCat("kernel module ", module, " has no parameter ", parameter));
}

}  // namespace

std::string ModuleSwitchPath(absl::string_view module, absl::string_view parameter) {
  return absl::StrCat(kModules, "/", module, "/parameters/", parameter);
}

absl::StatusOr<bool> ReadModuleSwitch(const HostFiles& files, absl::string_view module,
                                      absl::string_view parameter) {
  const std::string path = ModuleSwitchPath(module, parameter);
  const absl::StatusOr<std::string> word = ReadWord(files, path);
  if (absl::IsNotFound(word.status())) return ExplainAbsence(files, module, parameter);
  if (!word.ok()) return word.status();
  // A bool is written Y or N (kernel/params.c, param_get_bool); kvm_amd's were numbers before 5.12.
  if (*word == "Y" || *word == "1") return true;
  if (*word == "N" || *word == "0") return false;
  return absl::InvalidArgumentError(
      absl::StrCat("'", path, "' holds ", Quoted(*word), ", which is none of Y, N, 1 and 0"));
}

KernelFacts ReadKernelFacts(const HostFiles& files, absl::string_view machine) {
  KernelFacts facts;
  facts.release = ReadWord(files, kReleasePath);
  facts.architecture = ReadArchitecture(files, machine);
  facts.tdx_module = ReadWord(files, kTdxModulePath);
  facts.tdx = ReadModuleSwitch(files, "kvm_intel", "tdx");
  facts.sev = ReadModuleSwitch(files, "kvm_amd", "sev");
  facts.sev_es = ReadModuleSwitch(files, "kvm_amd", "sev_es");
  facts.sev_snp = ReadModuleSwitch(files, "kvm_amd", "sev_snp");
  return facts;
}

std::string RunningMachine() {
  utsname names = {};
  return uname(&names) == 0 ? names.machine : "";
}

}  // namespace ccplace
