#include "lib/lifecycle/launch_reference.h"

#include <utility>

#include "absl/time/time.h"
#include "lib/capability/snapshot/domain_reference.h"
#include "lib/domain/ownership.h"
#include "lib/host/tdx_module.h"

namespace ccplace {
namespace {

absl::StatusOr<std::string> HashOf(const HostFiles& files, const std::string& path) {
  if (path.empty()) return absl::NotFoundError("libvirt names no firmware file");
  return files.Sha384(path);
}

}  // namespace

v1::LaunchReference ReferenceOf(const HostFiles& files, const DomainDescription& domain,
                                const DefinedDomain& defined, const v1::HostCapabilities& known) {
  FirmwareMeasurement now;
  now.sha384 = HashOf(files, defined.reference.firmware_path());
  const v1::TdxFirmware& measured = known.tdx_firmware();
  if (now.sha384.ok() && *now.sha384 == measured.sha384()) now.mrtd = measured.mrtd();
  return DomainReference(defined, domain.state, now, known.versions().tdx_module());
}

LaunchWitness::LaunchWitness(const HostFiles& files, std::string firmware_path)
    : files_(files),
      firmware_path_(std::move(firmware_path)),
      before_(HashOf(files, firmware_path_)),
      module_before_(ReadTdxModule(files)) {}

std::optional<LaunchRecord> LaunchWitness::RecordAt(std::chrono::system_clock::time_point now,
                                                    const v1::TdxFirmware& measured) const {
  if (!before_.ok() || HashOf(files_, firmware_path_) != before_) return std::nullopt;
  LaunchRecord record;
  record.started_at =
      absl::FormatTime(absl::RFC3339_sec, absl::FromChrono(now), absl::UTCTimeZone());
  record.firmware_path = firmware_path_;
  record.firmware_sha384 = *before_;
  if (measured.sha384() == *before_) record.mrtd = measured.mrtd();
  record.tdx_module = ModuleAtStart();
  return record;
}

// A module can be replaced at run time: of a start in that moment nobody knows which it was.
std::string LaunchWitness::ModuleAtStart() const {
  const absl::StatusOr<std::string> after = ReadTdxModule(files_);
  const bool same = module_before_.ok() && after.ok() && *module_before_ == *after;
  return same && ParseTdxModuleVersion(*after).has_value() ? *after : std::string();
}

absl::StatusOr<DomainDescription> KeepOwnership(Hypervisor& hypervisor, const std::string& uuid,
                                                MetadataSide side,
                                                const DomainOwnership& ownership) {
  auto xml = BuildOwnershipXml(ownership);
  if (!xml.ok()) return xml.status();
  return hypervisor.SetMetadata(uuid, side,
                                {kOwnershipNamespace, kOwnershipPrefix, *std::move(xml)});
}

}  // namespace ccplace
