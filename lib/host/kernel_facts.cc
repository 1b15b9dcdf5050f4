#include "lib/host/kernel_facts.h"

#include <sys/utsname.h>

#include <optional>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "lib/base/number.h"
#include "lib/base/text.h"
#include "lib/host/host_files.h"
#include "lib/host/tdx_module.h"

namespace ccplace {
namespace {

constexpr absl::string_view kModules = "/sys/module";
// Documentation/admin-guide/sysctl/kernel.rst; "arch" since Linux 6.1.
constexpr absl::string_view kReleasePath = "/proc/sys/kernel/osrelease";
constexpr absl::string_view kArchitecturePath = "/proc/sys/kernel/arch";

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

absl::StatusOr<uint64_t> ReadModuleNumber(const HostFiles& files, absl::string_view module,
                                          absl::string_view parameter) {
  const std::string path = ModuleSwitchPath(module, parameter);
  const absl::StatusOr<std::string> word = ReadWord(files, path);
  if (!word.ok()) return word.status();
  const std::optional<uint64_t> number = ParseDecimal(*word);
  if (number.has_value()) return *number;
  return absl::InvalidArgumentError(
      absl::StrCat("'", path, "' holds ", Quoted(*word), ", which is no number"));
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
  facts.tdx_module = ReadTdxModule(files);
  facts.tdx = ReadModuleSwitch(files, "kvm_intel", "tdx");
  facts.sev = ReadModuleSwitch(files, "kvm_amd", "sev");
  facts.sev_es = ReadModuleSwitch(files, "kvm_amd", "sev_es");
  facts.sev_snp = ReadModuleSwitch(files, "kvm_amd", "sev_snp");
  facts.ciphertext_hiding_asids = ReadModuleNumber(files, "kvm_amd", "ciphertext_hiding_asids");
  return facts;
}

std::string RunningMachine() {
  utsname names = {};
  return uname(&names) == 0 ? names.machine : "";
}

}  // namespace ccplace
