// Checks of what the kernel says.
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "lib/base/text.h"
#include "lib/capability/checks/checks.h"
#include "lib/capability/facts/inventory.h"

namespace ccplace {
namespace {

constexpr absl::string_view kMountRemedy =
    "let ccplaced read the host's own /sys and /proc: in a container, mount the host's root and "
    "name it with --host_root";

std::string YesNo(bool on) { return on ? "on" : "off"; }

bool IsOlderSev(v1::EncryptionModel model) {
  return model == v1::ENCRYPTION_MODEL_AMD_SEV || model == v1::ENCRYPTION_MODEL_AMD_SEV_ES;
}

bool IsOptionMissing(const CheckInput& input) {
  return input.files.missing_kernel_options.count(std::string(input.model.kernel_option)) > 0;
}

Finding ParameterAbsent(const CheckInput& input, const absl::Status& absence,
                        absl::string_view source) {
  if (!IsOptionMissing(input)) return Fail(absence.message(), source, input.model.when_absent);
  return Fail(absl::StrCat(absence.message(), ": this kernel was built without ",
                           input.model.kernel_option),
              absl::StrCat(source, ", ", input.files.kernel_config_path),
              absl::StrCat("boot a kernel that was built with ", input.model.kernel_option, "=y"));
}

}  // namespace

Finding CheckArchitecture(const CheckInput& input) {
  constexpr absl::string_view kArchitectureSource = "/proc/sys/kernel/arch, uname(2)";
  const absl::StatusOr<std::string>& architecture = input.files.kernel.architecture;
  if (!architecture.ok())
    return Unknown(architecture.status().message(), kArchitectureSource, kMountRemedy);
  if (*architecture == "x86_64") return Pass(*architecture, kArchitectureSource);
  return Fail(*architecture, kArchitectureSource,
              "none on this host: the model needs an x86_64 one");
}

Finding CheckKernelParameter(const CheckInput& input) {
  const ModelInfo& model = input.model;
  const std::string source = ModuleSwitchPath(model.module, model.parameter);
  const absl::StatusOr<bool>& enabled = input.files.kernel.*model.enabled;
  if (absl::IsNotFound(enabled.status())) return ParameterAbsent(input, enabled.status(), source);
  if (!enabled.ok()) return Unknown(enabled.status().message(), source, kMountRemedy);
  if (*enabled) return Pass(YesNo(*enabled), source);
  return Fail(YesNo(*enabled), source, model.when_off);
}

// A kernel that can hibernate leaves TDX off (arch/x86/virt/vmx/tdx/tdx.c): the module's memory
// would not survive it.
Finding CheckHibernation(const CheckInput& input) {
  constexpr absl::string_view kHibernationSource = "/sys/power/disk";
  const absl::StatusOr<std::string>& modes = input.files.machine.hibernation;
  if (absl::IsNotFound(modes.status())) {
    return Pass("this kernel has no hibernation", kHibernationSource);
  }
  if (!modes.ok()) return Unknown(modes.status().message(), kHibernationSource, kMountRemedy);
  if (absl::StrContains(*modes, "[disabled]")) return Pass(*modes, kHibernationSource);
  const absl::StatusOr<bool>& tdx = input.files.kernel.tdx;
  if (tdx.ok() && *tdx) {
    return Pass(absl::StrCat(*modes, "; TDX is on all the same"), kHibernationSource);
  }
  return Fail(*modes, kHibernationSource,
              "boot with nohibernate on the kernel's command line: hibernation keeps TDX off");
}

// nova reports no SEV-ES where SEV-SNP is on.
Finding CheckNotDisplaced(const CheckInput& input) {
  const std::string source = ModuleSwitchPath("kvm_amd", "sev_snp");
  const KernelFacts& kernel = input.files.kernel;
  // A kernel that knows SEV-ES and not SEV-SNP cannot have SEV-SNP on.
  if (kernel.sev_es.ok() && absl::IsNotFound(kernel.sev_snp.status())) {
    return Pass("this kernel has no SEV-SNP", source);
  }
  if (!kernel.sev_snp.ok()) return Unknown(kernel.sev_snp.status().message(), source, kMountRemedy);
  if (!*kernel.sev_snp) return Pass("SEV-SNP is off", source);
  return Fail("SEV-SNP is on and takes over the ASIDs of SEV-ES", source,
              "ask for amd-sev-snp instead, or load kvm_amd with sev_snp=0");
}

Finding CheckNoOlderGuests(const CheckInput& input) {
  constexpr absl::string_view kDomainsSource = "libvirt's domains";
  if (!input.hypervisor.ok()) {
    return Unknown(input.hypervisor.status().message(), kDomainsSource, "see that libvirt answers");
  }
  std::vector<std::string> names;
  for (const DomainFacts& domain : input.hypervisor->domains) {
    if (domain.parsed->ok() && IsOlderSev((*domain.parsed)->model)) {
      names.push_back(Printable(domain.name));
    }
  }
  const absl::StatusOr<bool>& snp = input.files.kernel.sev_snp;
  if (names.empty() || (snp.ok() && !*snp) || absl::IsNotFound(snp.status())) {
    return Pass("no guest that nova 34 would stop at", kDomainsSource);
  }
  return Fail(absl::StrCat("guests of amd-sev or amd-sev-es: ", absl::StrJoin(names, ", ")),
              kDomainsSource,
              "nova 34 does not start on a host with SEV-SNP that has such guests: move them "
              "away, or load kvm_amd with sev_snp=0");
}

Finding CheckKeyCapacity(const CheckInput& input) {
  const v1::Figure& total = input.keys.total();
  const v1::Figure& limit = input.keys.limit();
  if (total.has_value() && total.value() > 0)
    return Pass(absl::StrCat(total.value()), total.source());
  if (total.has_value()) return Fail("0", total.source(), input.model.when_off);
  if (!KernelCountsNoKeys(input.model, input.files) || !limit.has_value()) {
    return Unknown(total.source(), "misc.capacity of the root cgroup",
                   absl::StrCat(kMountRemedy, "; a kernel that does not count these keys needs ",
                                LimitOption(input.model)));
  }
  const std::string found =
      absl::StrCat(limit.value(), " by configuration; the kernel does not count these keys");
  if (limit.value() > 0) return Pass(found, limit.source());
  return Fail(found, limit.source(), absl::StrCat("set ", LimitOption(input.model), " above 0"));
}

}  // namespace ccplace
