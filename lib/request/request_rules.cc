#include "lib/request/request_rules.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "lib/base/enum_name.h"
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

void EvaluateResourceSpecs(const RequestFacts& facts, ReportFn report) {
  for (const PlacementSpec& spec : facts.settings.placement) {
    if (spec.is_trait) continue;
    if (IsPlacementName(spec.name) && ReadAmount(*spec.value).has_value()) continue;
    report({{spec.origin, *spec.key, spec.value}});
  }
}

void EvaluateTraitSpecs(const RequestFacts& facts, ReportFn report) {
  for (const PlacementSpec& spec : facts.settings.placement) {
    if (!spec.is_trait) continue;
    const bool required = *spec.value == "required";
    const bool forbidden = *spec.value == "forbidden" && spec.origin == v1::OFFENDER_ORIGIN_FLAVOR;
    const bool possible = required || (forbidden && !IsRequired(facts, spec.name));
    if (IsPlacementName(spec.name) && possible) continue;
    report({{spec.origin, *spec.key, spec.value}});
  }
}

void EvaluateCpuPolicy(const RequestFacts& facts, ReportFn report) {
  for (const Key key : {Key::kFlavorCpuPolicy, Key::kImageCpuPolicy}) {
    const std::string* policy = facts.settings[key];
    // nova takes an empty extra spec for none.
    if (key == Key::kFlavorCpuPolicy && policy != nullptr && policy->empty()) continue;
    if (policy == nullptr || *policy == "shared" || *policy == "dedicated") continue;
    if (*policy == "mixed") continue;
    report({facts.settings.Named(key)});
  }
}

// nova's get_cpu_policy_constraint: the image may ask for no more than the flavor gives.
void EvaluateCpuPolicyConflict(const RequestFacts& facts, ReportFn report) {
  const std::string* flavor = facts.settings[Key::kFlavorCpuPolicy];
  const std::string* image = facts.settings[Key::kImageCpuPolicy];
  if (flavor == nullptr || image == nullptr) return;
  const bool more = (*flavor == "shared" && (*image == "mixed" || *image == "dedicated")) ||
                    (*flavor == "mixed" && *image == "dedicated");
  if (!more) return;
  report({facts.settings.Named(Key::kFlavorCpuPolicy), facts.settings.Named(Key::kImageCpuPolicy)});
}

// An empty one says nothing to nova.
void EvaluateFlavorWords(const RequestFacts& facts, ReportFn report) {
  constexpr absl::string_view kThreads[] = {"prefer", "isolate", "require"};
  constexpr absl::string_view kEmulator[] = {"isolate", "share"};
  constexpr absl::string_view kAffinity[] = {"required", "preferred", "legacy", "socket"};
  constexpr absl::string_view kAddresses[] = {"passthrough", "emulate"};
  const std::pair<Key, Words> all[] = {{Key::kFlavorThreadPolicy, kThreads},
                                       {Key::kFlavorEmulatorThreads, kEmulator},
                                       {Key::kFlavorPciAffinity, kAffinity},
                                       {Key::kFlavorAddressMode, kAddresses}};
  for (const auto& [key, words] : all) {
    const std::string* value = facts.settings[key];
    if (value == nullptr || value->empty() || IsOneOf(*value, words)) continue;
    report({facts.settings.Named(key)});
  }
}

// nova's get_cpu_thread_policy_constraint: an image may choose where the flavor only prefers.
void EvaluateThreadPolicyConflict(const RequestFacts& facts, ReportFn report) {
  const std::string* flavor = facts.settings[Key::kFlavorThreadPolicy];
  const std::string* image = facts.settings[Key::kImageThreadPolicy];
  if (flavor == nullptr || image == nullptr || *flavor == "prefer") return;
  if (image->empty() || *image == *flavor) return;
  report({facts.settings.Named(Key::kFlavorThreadPolicy),
          facts.settings.Named(Key::kImageThreadPolicy)});
}

void EvaluateSettingConflicts(const RequestFacts& facts, ReportFn report) {
  constexpr std::pair<Key, Key> kPairs[] = {{Key::kFlavorPciAffinity, Key::kImagePciAffinity},
                                            {Key::kFlavorAddressMode, Key::kImageAddressMode}};
  for (const auto& [flavor_key, image_key] : kPairs) {
    const std::string* flavor = facts.settings[flavor_key];
    const std::string* image = facts.settings[image_key];
    if (flavor == nullptr || image == nullptr || flavor->empty() || image->empty()) continue;
    if (*flavor == *image) continue;
    report({facts.settings.Named(flavor_key), facts.settings.Named(image_key)});
  }
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

void EvaluateImageWords(const RequestFacts& facts, ReportFn report) {
  for (const RefusedProperty& refused : facts.settings.refused_properties) {
    // A model without video has a stricter rule.
    const bool stricter = *refused.key == "hw_video_model" && (facts.needs & kNoVideo) != 0;
    if (stricter || refused.property->kind == NovaProperty::Kind::kInteger) continue;
    report({{refused.origin, *refused.key, refused.value}});
  }
}

void EvaluateImageNumbers(const RequestFacts& facts, ReportFn report) {
  for (const RefusedProperty& refused : facts.settings.refused_properties) {
    if (refused.property->kind != NovaProperty::Kind::kInteger) continue;
    report({{refused.origin, *refused.key, refused.value}});
  }
}

void EvaluateImageStatus(const RequestFacts& facts, ReportFn report) {
  const std::string& status = facts.request.image().status();
  if (status.empty() || status == "active") return;
  report({{v1::OFFENDER_ORIGIN_IMAGE, "status", &status}});
}

// Those that no violation and no other warning names.
void WarnExtraSpecRefused(const RequestFacts& facts, ReportFn report) {
  const auto& refused = facts.settings.refused_specs;
  for (size_t i = 0; i < std::min(refused.size(), kSuggestionLimit); ++i) {
    report({{refused[i].origin, *refused[i].key, refused[i].value}});
  }
}

void WarnSoftReboot(const RequestFacts& facts, ReportFn report) {
  if (facts.operation == v1::OPERATION_SOFT_REBOOT) report({OperationOf(facts)});
}

}  // namespace ccplace::rules
