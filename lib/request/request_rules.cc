#include <array>
#include <string>

#include "absl/strings/str_cat.h"
#include "lib/base/enum_name.h"
#include "lib/request/rule_functions.h"
#include "lib/request/scheduling.h"

namespace ccplace::rules {
namespace {

// A device's field: by the device's name, or by its position when it has none.
Setting DeviceField(const RequestFacts& facts, int index, absl::string_view field,
                    const std::string& value) {
  const std::string& name = facts.request.block_devices(index).name();
  const std::string device = name.empty() ? absl::StrCat("block_devices[", index, "]") : name;
  return {v1::OFFENDER_ORIGIN_DEVICE, field, &value, device};
}

// "live-migration", as ccplacectl takes it. Lives as long as the program: settings point at it.
const std::string& NameOf(v1::Operation operation) {
  static const auto* const words = [] {
    auto* all = new std::array<std::string, v1::Operation_ARRAYSIZE>();
    for (int i = v1::Operation_MIN; i <= v1::Operation_MAX; ++i) {
      all->at(static_cast<size_t>(i)) = LowerEnumName(static_cast<v1::Operation>(i), "-");
    }
    return all;
  }();
  return words->at(static_cast<size_t>(operation));
}

Setting OperationOf(const RequestFacts& facts) {
  return {v1::OFFENDER_ORIGIN_REQUEST, "operation", &NameOf(facts.operation)};
}

// What the image says of the bus of its disks; nova's legacy property vmware_adaptertype sets the
// SCSI model for anything but ide.
OffendingSettings ScsiOfImage(const RequestFacts& facts) {
  OffendingSettings offenders;
  const std::string* bus = facts.settings[Key::kImageDiskBus];
  const std::string* adapter = facts.settings[Key::kImageAdapterType];
  if (bus != nullptr && IsScsi(*bus)) offenders.push_back(facts.settings.Named(Key::kImageDiskBus));
  if (facts.settings[Key::kImageScsiModel] != nullptr) {
    offenders.push_back(facts.settings.Named(Key::kImageScsiModel));
  }
  if (adapter != nullptr && !adapter->empty() && *adapter != "ide") {
    offenders.push_back(facts.settings.Named(Key::kImageAdapterType));
  }
  return offenders;
}

// SCSI by the boot devices' own word; `decided` when each of them states a bus that nova follows,
// so that the image's does not count.
OffendingSettings ScsiOfBootDevices(const RequestFacts& facts, bool& decided) {
  OffendingSettings offenders;
  int boot_devices = 0;
  int with_bus = 0;
  for (int i = 0; i < facts.request.block_devices_size(); ++i) {
    const v1::BlockDevice& device = facts.request.block_devices(i);
    if (ReadBootIndex(device.boot_index()) != BootPlace::kFirst) continue;
    ++boot_devices;
    if (IsBusOfKvm(device.disk_bus())) ++with_bus;
    if (IsScsi(device.disk_bus())) {
      offenders.push_back(DeviceField(facts, i, "disk_bus", device.disk_bus()));
    }
  }
  decided = boot_devices > 0 && boot_devices == with_bus;
  return offenders;
}

}  // namespace

void EvaluateScsiBoot(const RequestFacts& facts, ReportFn report) {
  bool decided = false;
  OffendingSettings offenders = ScsiOfBootDevices(facts, decided);
  if (!decided) {
    const OffendingSettings image = ScsiOfImage(facts);
    offenders.insert(offenders.begin(), image.begin(), image.end());
  }
  if (!offenders.empty()) report(offenders);
}

void EvaluateBootIndex(const RequestFacts& facts, ReportFn report) {
  for (int i = 0; i < facts.request.block_devices_size(); ++i) {
    const std::string& index = facts.request.block_devices(i).boot_index();
    if (ReadBootIndex(index) == BootPlace::kInvalid) {
      report({DeviceField(facts, i, "boot_index", index)});
    }
  }
}

void EvaluateOperation(const RequestFacts& facts, ReportFn report) {
  const bool refused =
      facts.operation == v1::OPERATION_SUSPEND || facts.operation == v1::OPERATION_LIVE_MIGRATION;
  if (refused) report({OperationOf(facts)});
}

// nova's numa_get_constraints; dedicated CPUs may be asked for as PCPU of Placement, too.
void EvaluateDedicatedCpus(const RequestFacts& facts, ReportFn report) {
  const absl::string_view policy = facts.FlavorFirst(Key::kFlavorCpuPolicy, Key::kImageCpuPolicy);
  if (policy == "dedicated" || policy == "mixed" || AsksDedicatedCpus(facts.settings)) return;
  OffendingSettings needing;
  for (const Key key : {Key::kFlavorThreadPolicy, Key::kImageThreadPolicy}) {
    const std::string* value = facts.settings[key];
    if (value != nullptr && !value->empty()) needing.push_back(facts.settings.Named(key));
  }
  const std::string* emulator = facts.settings[Key::kFlavorEmulatorThreads];
  if (emulator != nullptr && *emulator == "isolate") {
    needing.push_back(facts.settings.Named(Key::kFlavorEmulatorThreads));
  }
  if (!needing.empty()) report(needing);
}

void EvaluateImageStatus(const RequestFacts& facts, ReportFn report) {
  const std::string& status = facts.request.image().status();
  if (status.empty() || status == "active") return;
  report({{v1::OFFENDER_ORIGIN_IMAGE, "status", &status}});
}

void WarnSoftReboot(const RequestFacts& facts, ReportFn report) {
  if (facts.operation == v1::OPERATION_SOFT_REBOOT) report({OperationOf(facts)});
}

}  // namespace ccplace::rules
