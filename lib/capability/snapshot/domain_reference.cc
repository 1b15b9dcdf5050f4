#include "lib/capability/snapshot/domain_reference.h"

#include <optional>

#include "absl/strings/str_cat.h"
#include "lib/base/text.h"
#include "lib/host/tdx_module.h"
#include "lib/hypervisor/domain_state.h"

namespace ccplace {
namespace {

constexpr size_t kUnreadLimitBytes = 512;

// The record of the guest that is active; null: there is none, or it is of other firmware.
const LaunchRecord* ActiveLaunch(const DefinedDomain& defined, v1::DomainState state) {
  if (!RowOf(state).active || !defined.ownership.has_value()) return nullptr;
  const std::optional<LaunchRecord>& launch = defined.ownership->launch;
  const bool same_file =
      launch.has_value() && launch->firmware_path == defined.reference.firmware_path();
  return same_file ? &*launch : nullptr;
}

// MRTD of a file that was replaced since is what was kept of it.
void FillFromLaunch(const LaunchRecord& launch, const FirmwareMeasurement& now,
                    const std::string& tdx_module, v1::LaunchReference& reference) {
  reference.set_firmware_sha384(launch.firmware_sha384);
  reference.set_firmware_moment(v1::FIRMWARE_MOMENT_START);
  reference.set_mrtd(launch.mrtd);
  reference.set_tdx_module(launch.tdx_module);
  reference.set_newer_tdx_module(NewerTdxModule(launch.tdx_module, tdx_module));
  if (!now.sha384.ok()) return;
  if (*now.sha384 != launch.firmware_sha384) {
    reference.set_firmware_file_sha384(*now.sha384);
  } else if (launch.mrtd.empty()) {
    reference.set_mrtd(now.mrtd.value_or(""));
  }
}

}  // namespace

v1::LaunchReference DomainReference(const DefinedDomain& defined, v1::DomainState state,
                                    const FirmwareMeasurement& now, const std::string& tdx_module) {
  v1::LaunchReference reference = defined.reference;
  if (const LaunchRecord* launch = ActiveLaunch(defined, state)) {
    FillFromLaunch(*launch, now, tdx_module, reference);
    return reference;
  }
  if (!RowOf(state).active) reference.set_tdx_module(tdx_module);
  if (!now.sha384.ok()) {
    reference.set_firmware_unread(Printable(now.sha384.status().message(), kUnreadLimitBytes));
    return reference;
  }
  reference.set_firmware_sha384(*now.sha384);
  reference.set_mrtd(now.mrtd.value_or(""));
  reference.set_firmware_moment(RowOf(state).active ? v1::FIRMWARE_MOMENT_AFTER_START
                                                    : v1::FIRMWARE_MOMENT_NEXT_START);
  return reference;
}

v1::TdxModule TdxModuleOf(const std::string& version) {
  v1::TdxModule module;
  module.set_version(version);
  const std::optional<TdxModuleVersion> parsed = ParseTdxModuleVersion(version);
  const PublishedTdxModule* known = parsed.has_value() ? FindPublishedTdxModule(*parsed) : nullptr;
  if (known == nullptr) return module;
  module.set_published(true);
  module.set_minor_svn(known->minor_svn);
  module.set_major_svn(known->major_svn);
  module.set_mr_seam(BytesFromHex(known->mrseam));
  module.set_build_date(std::string(known->build_date));
  module.set_source(absl::StrCat(kTdxModuleReleases, ", as of ", kTdxModuleTableDate));
  return module;
}

std::string NewerTdxModule(absl::string_view at_start, absl::string_view now) {
  const std::optional<TdxModuleVersion> before = ParseTdxModuleVersion(at_start);
  const std::optional<TdxModuleVersion> loaded = ParseTdxModuleVersion(now);
  const bool newer = before.has_value() && loaded.has_value() && *before < *loaded;
  return newer ? std::string(now) : std::string();
}

}  // namespace ccplace
