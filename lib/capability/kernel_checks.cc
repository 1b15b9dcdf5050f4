// Checks of what the kernel says.
#include "absl/strings/str_cat.h"
#include "lib/capability/checks.h"
#include "lib/capability/inventory.h"

namespace ccplace {
namespace {

constexpr absl::string_view kMountRemedy =
    "let ccplaced read the host's own /sys and /proc: in a container, mount the host's root and "
    "name it with --host_root";

std::string YesNo(bool on) { return on ? "on" : "off"; }

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
  if (absl::IsNotFound(enabled.status())) {
    return Fail(enabled.status().message(), source, model.when_absent);
  }
  if (!enabled.ok()) return Unknown(enabled.status().message(), source, kMountRemedy);
  if (*enabled) return Pass(YesNo(*enabled), source);
  return Fail(YesNo(*enabled), source, model.when_off);
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

Finding CheckKeyCapacity(const CheckInput& input) {
  const v1::Figure& total = input.keys.total();
  const v1::Figure& limit = input.keys.limit();
  if (total.has_value() && total.value() > 0)
    return Pass(absl::StrCat(total.value()), total.source());
  if (total.has_value()) return Fail("0", total.source(), input.model.when_off);
  if (!KernelCountsNoKeys(input.model, input.files) || !limit.has_value()) {
    return Unknown(total.source(), "misc.capacity of the root cgroup",
                   absl::StrCat(kMountRemedy,
                                "; a kernel that does not count TDX keys needs "
                                "--tdx_guest_limit"));
  }
  const std::string found =
      absl::StrCat(limit.value(), " by configuration; the kernel does not count these keys");
  if (limit.value() > 0) return Pass(found, limit.source());
  return Fail(found, limit.source(), "set --tdx_guest_limit above 0");
}

}  // namespace ccplace
