#include "lib/capability/snapshot/domain_reference.h"

#include <optional>

#include "lib/base/text.h"
#include "lib/capability/facts/tdx_module_facts.h"
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

}  // namespace ccplace
