#include <string>

#include "absl/functional/function_ref.h"
#include "lib/base/machine_type.h"
#include "lib/request/rule_functions.h"

namespace ccplace::rules {
namespace {

using Allowed = absl::FunctionRef<bool(absl::string_view)>;

// The keys of `keys` that are set to something that is not allowed.
template <size_t N>
OffendingSettings SetTo(const RequestFacts& facts, const Key (&keys)[N], Allowed allowed) {
  OffendingSettings offenders;
  for (const Key key : keys) {
    const std::string* value = facts.settings[key];
    if (value != nullptr && !allowed(*value)) offenders.push_back(facts.settings.Named(key));
  }
  return offenders;
}

// The same of a flavor's key that the blueprint alone reads, and the image's.
OffendingSettings ReadAndSetTo(const RequestFacts& facts, Key flavor, Key image, Allowed allowed) {
  if (facts.dialect != v1::REQUEST_DIALECT_BLUEPRINT) return SetTo(facts, {image}, allowed);
  return SetTo(facts, {flavor, image}, allowed);
}

}  // namespace

void EvaluateFirmwareType(const RequestFacts& facts, ReportFn report) {
  const OffendingSettings wrong =
      ReadAndSetTo(facts, Key::kFlavorFirmwareType, Key::kImageFirmwareType,
                   [](absl::string_view value) { return value == "uefi"; });
  if (!wrong.empty()) return report(wrong);
  if (facts.firmware_type.empty()) report({facts.settings.Named(Key::kImageFirmwareType)});
}

void EvaluateMachineType(const RequestFacts& facts, ReportFn report) {
  const OffendingSettings wrong =
      ReadAndSetTo(facts, Key::kFlavorMachineType, Key::kImageMachineType, IsQ35);
  if (!wrong.empty()) return report(wrong);
  if (IsQ35(facts.machine_type)) return;
  const std::string& value = facts.policy.default_machine_type();
  report({facts.settings.Named(Key::kImageMachineType),
          {v1::OFFENDER_ORIGIN_HOST, "default_machine_type", value.empty() ? nullptr : &value}});
}

void EvaluateStatelessFirmware(const RequestFacts& facts, ReportFn report) {
  if (!NovaReads(facts.Bool(Key::kImageStateless))) {
    report({facts.settings.Named(Key::kImageStateless)});
  }
}

void EvaluateVideoModel(const RequestFacts& facts, ReportFn report) {
  const std::string* video = facts.settings[Key::kImageVideoModel];
  if (video == nullptr || *video != "none") report({facts.settings.Named(Key::kImageVideoModel)});
}

void EvaluatePmu(const RequestFacts& facts, ReportFn report) {
  const OffendingSettings on =
      SetTo(facts, {Key::kFlavorPmu, Key::kImagePmu},
            [](absl::string_view value) { return !NovaReads(ReadBoolean(value)); });
  if (!on.empty()) report(on);
}

// nova's get_locked_memory_constraint: the flavor's word counts before the image's.
void EvaluateLockedMemory(const RequestFacts& facts, ReportFn report) {
  const bool by_flavor = facts.settings[Key::kFlavorLockedMemory] != nullptr;
  const Key key = by_flavor ? Key::kFlavorLockedMemory : Key::kImageLockedMemory;
  if (!NovaReads(facts.Bool(key))) return;
  const bool sized =
      !facts.Text(Key::kFlavorPageSize).empty() || !facts.Text(Key::kImagePageSize).empty();
  if (!sized) report({facts.settings.Named(key), facts.settings.Named(Key::kFlavorPageSize)});
}

void WarnKeysNotRead(const RequestFacts& facts, ReportFn report) {
  for (const Key key : {Key::kFlavorFirmwareType, Key::kFlavorMachineType}) {
    if (facts.settings[key] != nullptr) report({facts.settings.Named(key)});
  }
}

void WarnReleasedNovaRefuses(const RequestFacts& facts, ReportFn report) {
  if (facts.settings[Key::kFlavorFirmwareType] != nullptr &&
      facts.settings[Key::kImageFirmwareType] == nullptr) {
    report({facts.settings.Named(Key::kFlavorFirmwareType),
            facts.settings.Named(Key::kImageFirmwareType)});
  }
  const bool says_machine = facts.settings[Key::kFlavorMachineType] != nullptr &&
                            facts.settings[Key::kImageMachineType] == nullptr;
  if (says_machine && !IsQ35(facts.policy.default_machine_type())) {
    report({facts.settings.Named(Key::kFlavorMachineType),
            facts.settings.Named(Key::kImageMachineType)});
  }
}

// A host's VNC is its own configuration; what an image can ask for is the guest's side of it: a
// video device, which EvaluateVideoModel refuses, its memory, a pointer
// (nova/objects/image_meta.py).
void WarnGraphicalConsole(const RequestFacts& facts, ReportFn report) {
  OffendingSettings graphics;
  for (const Key key : {Key::kImageVideoRam, Key::kImagePointerModel, Key::kImageInputBus}) {
    if (facts.settings[key] != nullptr) graphics.push_back(facts.settings.Named(key));
  }
  if (!graphics.empty()) report(graphics);
}

void WarnHugePages(const RequestFacts& facts, ReportFn report) {
  const OffendingSettings huge =
      SetTo(facts, {Key::kFlavorPageSize, Key::kImagePageSize}, IsSmallPageSize);
  if (!huge.empty()) report(huge);
}

}  // namespace ccplace::rules
