// Which firmware libvirt chooses for a definition, and what is known of it.
#include <string>

#include "lib/base/status.h"
#include "lib/base/text.h"
#include "lib/domain/xml_writer.h"
#include "lib/hypervisor/command_line.h"
#include "lib/lifecycle/define_operation.h"
#include "lib/lifecycle/launch_reference.h"
#include "lib/lifecycle/reasons.h"

namespace ccplace {
namespace {

constexpr size_t kPathLimit = 4096;

void ClearSecret(v1::Disk& disk) {
  if (disk.has_rbd()) disk.mutable_rbd()->clear_auth();
  if (disk.has_iscsi()) disk.mutable_iscsi()->clear_auth();
}

// `request` without what libvirt 12.8 takes into a definition as it is, but looks for on the host
// when it translates a domain for QEMU: interfaces (it opens a tap device for each, of whatever
// kind), secrets of network storage, CPU and NUMA sets, huge pages. Their absence now is no reason
// against a definition.
v1::DefineTdxDomainRequest WithoutStartOnlyParts(v1::DefineTdxDomainRequest request) {
  v1::TdxDomainSpec& spec = *request.mutable_domain();
  spec.clear_interfaces();
  spec.clear_placement();
  spec.clear_memory_backing();
  for (v1::Disk& disk : *spec.mutable_disks()) ClearSecret(disk);
  return request;
}

}  // namespace

// The path of the firmware that libvirt would choose; empty where it translates no domain.
absl::StatusOr<std::string> DefineOperation::AskLibvirt(
    const v1::DefineTdxDomainRequest& resolved) const {
  const auto xml = BuildDomainXml(WithoutStartOnlyParts(resolved), PolicyInForce(resolved));
  if (!xml.ok()) return xml.status();
  const auto command_line = dependencies_.hypervisor->TranslateToNative(*xml);
  if (absl::IsUnimplemented(command_line.status())) return std::string();
  if (absl::IsFailedPrecondition(command_line.status())) {
    return WithReason(command_line.status(), reasons::kDefinitionRefused, request_.domain().uuid());
  }
  if (!command_line.ok()) return command_line.status();
  return FirmwareOfCommandLine(*command_line).value_or("");
}

// Adds the firmware's hash and MRTD, if the host's facts are of the same file.
void DefineOperation::SetFirmware(const std::string& path, v1::LaunchReference& reference) const {
  reference.set_firmware_path(Printable(path, kPathLimit));
  const auto snapshot = dependencies_.state->Current();
  const v1::TdxFirmware& known = snapshot->capabilities.tdx_firmware();
  if (path.empty() || known.path() != path) return;
  reference.set_firmware_sha384(known.sha384());
  reference.set_mrtd(known.mrtd());
}

// The definition holds what libvirt was known to choose; mostly it did.
absl::StatusOr<DomainDescription> DefineOperation::NoteFirmware(const DomainDescription& domain,
                                                                DefinedDomain& own) const {
  const std::string& chosen = own.reference.firmware_path();
  if (own.ownership->firmware_path == chosen) return domain;
  own.ownership->firmware_path = chosen;
  return KeepOwnership(*dependencies_.hypervisor, domain.uuid, MetadataSide::kDefinition,
                       *own.ownership);
}

// What libvirt chooses for this request, as far as the facts say it.
std::string DefineOperation::KnownFirmware() const {
  const auto snapshot = dependencies_.state->Current();
  const v1::TdxFirmware& firmware = snapshot->capabilities.tdx_firmware();
  const bool is_certain = admission_.secure_boot == SecureBoot::kUnstated ||
                          (admission_.secure_boot == SecureBoot::kOn && firmware.secure_boot());
  return is_certain && IsXmlText(firmware.path()) ? firmware.path() : "";
}

}  // namespace ccplace
