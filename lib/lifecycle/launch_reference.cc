#include "lib/lifecycle/launch_reference.h"

#include <utility>

#include "absl/time/time.h"
#include "lib/capability/domain_reference.h"
#include "lib/domain/ownership.h"

namespace ccplace {
namespace {

absl::StatusOr<std::string> HashOf(const HostFiles& files, const std::string& path) {
  if (path.empty()) return absl::NotFoundError("libvirt names no firmware file");
  return files.Sha384(path);
}

}  // namespace

v1::LaunchReference ReferenceOf(const HostFiles& files, const DomainDescription& domain,
                                const DefinedDomain& defined) {
  FirmwareMeasurement now;
  now.sha384 = HashOf(files, defined.reference.firmware_path());
  return DomainReference(defined, domain.state, now);
}

LaunchWitness::LaunchWitness(const HostFiles& files, std::string firmware_path)
    : files_(files),
      firmware_path_(std::move(firmware_path)),
      before_(HashOf(files, firmware_path_)) {}

std::optional<LaunchRecord> LaunchWitness::RecordAt(
    std::chrono::system_clock::time_point now) const {
  if (!before_.ok() || HashOf(files_, firmware_path_) != before_) return std::nullopt;
  return LaunchRecord{
      absl::FormatTime(absl::RFC3339_sec, absl::FromChrono(now), absl::UTCTimeZone()),
      firmware_path_, *before_};
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
