#include "lib/capability/checks/check_table.h"

#include <iterator>
#include <utility>

#include "lib/base/text.h"

namespace ccplace {
namespace {

constexpr size_t kFoundLimit = 512;

// Models, as bits of CheckRow::models.
constexpr unsigned kTdx = 1u << v1::ENCRYPTION_MODEL_INTEL_TDX;
constexpr unsigned kSev = 1u << v1::ENCRYPTION_MODEL_AMD_SEV;
constexpr unsigned kSevEs = 1u << v1::ENCRYPTION_MODEL_AMD_SEV_ES;
constexpr unsigned kSevSnp = 1u << v1::ENCRYPTION_MODEL_AMD_SEV_SNP;
constexpr unsigned kAll = kTdx | kSev | kSevEs | kSevSnp;

struct CheckRow {
  v1::CheckKind kind;
  unsigned models;
  bool gate;
  Finding (*check)(const CheckInput&);
};

// Gates first, in the order an operator would repair them: hardware and kernel, libvirt, this
// service's own options, packages.
constexpr CheckRow kChecks[] = {
    {v1::CHECK_KIND_ARCHITECTURE, kAll, true, CheckArchitecture},
    {v1::CHECK_KIND_KERNEL_PARAMETER, kAll, true, CheckKernelParameter},
    {v1::CHECK_KIND_NOT_DISPLACED, kSevEs, true, CheckNotDisplaced},
    {v1::CHECK_KIND_KEY_CAPACITY, kAll, true, CheckKeyCapacity},
    {v1::CHECK_KIND_TDX_MODULE_VERSION, kTdx, true, CheckTdxModuleVersion},
    {v1::CHECK_KIND_DOMAIN_CAPABILITY, kAll, true, CheckDomainCapability},
    {v1::CHECK_KIND_LAUNCH_SECURITY_TYPE, kSevSnp, true, CheckLaunchSecurityType},
    {v1::CHECK_KIND_VIRT_TYPE, kAll, true, CheckVirtType},
    {v1::CHECK_KIND_CPU_MODE, kTdx, true, CheckCpuMode},
    {v1::CHECK_KIND_FIRMWARE, kAll, true, CheckFirmware},
    {v1::CHECK_KIND_HIBERNATION, kTdx, false, CheckHibernation},
    {v1::CHECK_KIND_NO_OLDER_GUESTS, kSevSnp, false, CheckNoOlderGuests},
    {v1::CHECK_KIND_FIRMWARE_DESCRIPTORS, kAll, false, CheckFirmwareDescriptors},
    {v1::CHECK_KIND_MACHINE_TYPE, kAll, false, CheckMachineType},
    {v1::CHECK_KIND_SECTYPE_AGREEMENT, kTdx | kSev, false, CheckSectypeAgreement},
    {v1::CHECK_KIND_QUOTE_GENERATION_SERVICE, kTdx, false, CheckQuoteGenerationService},
    {v1::CHECK_KIND_QUOTE_SERVICE_ACCESS, kTdx, false, CheckQuoteServiceAccess},
    {v1::CHECK_KIND_NOVA_AGREEMENT, kTdx, false, CheckNovaAgreement},
};

void RunCheck(const CheckRow& row, const CheckInput& input, v1::ModelCapability& model) {
  Finding finding = row.check(input);
  if (finding.result == v1::CHECK_RESULT_UNSPECIFIED) return;
  v1::Check& check = *model.add_checks();
  check.set_kind(row.kind);
  check.set_gate(row.gate);
  check.set_result(finding.result);
  check.set_found(std::move(finding.found));
  check.set_source(std::move(finding.source));
  // Most pass, and a field that is set to nothing has memory all the same.
  if (!finding.remedy.empty()) check.set_remedy(std::move(finding.remedy));
}

v1::Support VerdictOf(const v1::ModelCapability& model) {
  v1::Support verdict = v1::SUPPORT_SUPPORTED;
  for (const v1::Check& check : model.checks()) {
    if (!check.gate() || check.result() == v1::CHECK_RESULT_PASS) continue;
    if (check.result() == v1::CHECK_RESULT_FAIL) return v1::SUPPORT_UNSUPPORTED;
    verdict = v1::SUPPORT_UNKNOWN;
  }
  return verdict;
}

bool IsOfQuotes(v1::CheckKind kind) {
  return kind == v1::CHECK_KIND_QUOTE_GENERATION_SERVICE ||
         kind == v1::CHECK_KIND_QUOTE_SERVICE_ACCESS;
}

// A listening socket decides, unless QEMU certainly may not connect. A model whose quoting
// nothing here probes stays UNKNOWN.
v1::Support AttestationOf(const v1::ModelCapability& model) {
  v1::Support support = v1::SUPPORT_UNKNOWN;
  for (const v1::Check& check : model.checks()) {
    if (!IsOfQuotes(check.kind())) continue;
    if (check.result() == v1::CHECK_RESULT_FAIL) return v1::SUPPORT_UNSUPPORTED;
    const bool listens = check.kind() == v1::CHECK_KIND_QUOTE_GENERATION_SERVICE &&
                         check.result() == v1::CHECK_RESULT_PASS;
    if (listens) support = v1::SUPPORT_SUPPORTED;
  }
  return support;
}

}  // namespace

Finding Pass(absl::string_view found, absl::string_view source) {
  return {v1::CHECK_RESULT_PASS, Printable(found, kFoundLimit), Printable(source, kFoundLimit), ""};
}

Finding Fail(absl::string_view found, absl::string_view source, absl::string_view remedy) {
  return {v1::CHECK_RESULT_FAIL, Printable(found, kFoundLimit), Printable(source, kFoundLimit),
          std::string(remedy)};
}

Finding Unknown(absl::string_view found, absl::string_view source, absl::string_view remedy) {
  return {v1::CHECK_RESULT_UNKNOWN, Printable(found, kFoundLimit), Printable(source, kFoundLimit),
          std::string(remedy)};
}

v1::ModelCapability EvaluateModel(const CheckInput& input) {
  v1::ModelCapability model;
  model.set_model(input.model.model);
  model.mutable_checks()->Reserve(std::size(kChecks));
  const unsigned bit = 1u << static_cast<unsigned>(input.model.model);
  for (const CheckRow& row : kChecks) {
    if ((row.models & bit) != 0) RunCheck(row, input, model);
  }
  model.set_verdict(VerdictOf(model));
  model.set_attestation(AttestationOf(model));
  return model;
}

}  // namespace ccplace
