#include "lib/lifecycle/launch_reference.h"

#include <utility>

#include "absl/time/time.h"
#include "lib/domain/ownership.h"
#include "lib/hypervisor/domain_state.h"

namespace ccplace {
namespace {

absl::StatusOr<std::string> HashOf(const HostFiles& files, const std::string& path) {
  if (path.empty()) return absl::NotFoundError("libvirt names no firmware file");
  return files.Sha384(path);
}

// The record of the guest that is active; null: there is none, or it is of other firmware.
const LaunchRecord* RecordOf(const DomainDescription& domain, const DefinedDomain& defined) {
  if (!RowOf(domain.state).active || !defined.ownership.has_value()) return nullptr;
  const std::optional<LaunchRecord>& launch = defined.ownership->launch;
  if (!launch.has_value() || launch->firmware_path != defined.reference.firmware_path()) {
    return nullptr;
  }
  return &*launch;
}

}  // namespace

v1::LaunchReference ReferenceOf(const HostFiles& files, const DomainDescription& domain,
                                const DefinedDomain& defined) {
  v1::LaunchReference reference = defined.reference;
  absl::StatusOr<std::string> now = HashOf(files, reference.firmware_path());
  if (const LaunchRecord* launch = RecordOf(domain, defined)) {
    reference.set_firmware_sha384(launch->firmware_sha384);
    reference.set_firmware_moment(v1::FIRMWARE_MOMENT_START);
    if (now.ok() && *now != launch->firmware_sha384) {
      reference.set_firmware_file_sha384(*std::move(now));
    }
    return reference;
  }
  if (!now.ok()) {
    reference.set_firmware_unread(std::string(now.status().message()));
    return reference;
  }
  reference.set_firmware_sha384(*std::move(now));
  reference.set_firmware_moment(RowOf(domain.state).active ? v1::FIRMWARE_MOMENT_AFTER_START
                                                           : v1::FIRMWARE_MOMENT_NEXT_START);
  return reference;
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
