#include "lib/domain/firmware_question.h"

#include "absl/strings/str_format.h"
#include "lib/domain/os_xml.h"
#include "lib/domain/xml_writer.h"

namespace ccplace {
namespace {

constexpr char kQuestionName[] = "ccplace-firmware-question";
constexpr char kQuestionUuid[] = "00000000-0000-4000-8000-000000000000";
constexpr uint32_t kQuestionMemoryMib = 1024;

absl::StatusOr<std::string> BuildTdxQuestion(const std::string& machine_type,
                                             SecureBoot secure_boot) {
  v1::DefineTdxDomainRequest request;
  v1::TdxDomainSpec& spec = *request.mutable_domain();
  spec.set_name(kQuestionName);
  spec.set_uuid(kQuestionUuid);
  spec.set_vcpus(1);
  spec.set_memory_mib(kQuestionMemoryMib);
  DomainPolicy policy;
  policy.machine_type = machine_type;
  policy.secure_boot = secure_boot;
  return BuildDomainXml(request, policy);
}

// How an AMD guest is launched: libvirt's type, the policy's bits (AMD SEV API, "Guest policy":
// no debug, no key sharing, bit 2 is SEV-ES; SEV-SNP ABI: SMT and the reserved bit that is 1), and
// the loader.
struct AmdLaunch {
  const char* type;
  uint32_t policy;
  Loader loader;
};

constexpr AmdLaunch kSevLaunch = {"sev", 0x33, Loader::kUnstated};
constexpr AmdLaunch kSevEsLaunch = {"sev", 0x37, Loader::kUnstated};
constexpr AmdLaunch kSevSnpLaunch = {"sev-snp", 0x30000, Loader::kStateless};

absl::StatusOr<std::string> BuildAmdQuestion(const AmdLaunch& launch,
                                             const std::string& machine_type,
                                             SecureBoot secure_boot) {
  XmlWriter xml;
  xml.Start("domain").Attribute("type", "kvm");
  xml.TextElement("name", kQuestionName).TextElement("uuid", kQuestionUuid);
  xml.Start("memory").Attribute("unit", "MiB").Text(absl::StrFormat("%d", kQuestionMemoryMib));
  xml.End().TextElement("vcpu", "1");
  WriteOs(machine_type, secure_boot, launch.loader, xml);
  xml.Own("<features><acpi/><apic/></features>");
  xml.Own(R"(<cpu mode="host-passthrough"/>)");
  xml.Start("launchSecurity").Attribute("type", std::string(launch.type));
  xml.TextElement("policy", absl::StrFormat("0x%x", launch.policy)).End();
  xml.End();
  return xml.Finish();
}

}  // namespace

absl::StatusOr<std::string> BuildFirmwareQuestion(v1::EncryptionModel model,
                                                  const std::string& machine_type,
                                                  SecureBoot secure_boot) {
  switch (model) {
    case v1::ENCRYPTION_MODEL_INTEL_TDX:
      return BuildTdxQuestion(machine_type, secure_boot);
    case v1::ENCRYPTION_MODEL_AMD_SEV:
      return BuildAmdQuestion(kSevLaunch, machine_type, secure_boot);
    case v1::ENCRYPTION_MODEL_AMD_SEV_ES:
      return BuildAmdQuestion(kSevEsLaunch, machine_type, secure_boot);
    case v1::ENCRYPTION_MODEL_AMD_SEV_SNP:
      return BuildAmdQuestion(kSevSnpLaunch, machine_type, secure_boot);
    default:
      return absl::InvalidArgumentError("no firmware is asked for without a model");
  }
}

}  // namespace ccplace
