#include "lib/request/machine_rules.h"

#include "absl/functional/function_ref.h"
#include "absl/strings/match.h"

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

void ReportConflict(const RequestFacts& facts, Key flavor, Key image, ReportFn report) {
  const std::string* flavor_value = facts.settings[flavor];
  const std::string* image_value = facts.settings[image];
  if (flavor_value == nullptr || image_value == nullptr || *flavor_value == *image_value) return;
  report({facts.settings.Named(flavor), facts.settings.Named(image)});
}

bool IsQ35(absl::string_view machine) { return absl::StrContains(machine, "q35"); }

}  // namespace

void EvaluateFirmwareType(const RequestFacts& facts, ReportFn report) {
  const OffendingSettings wrong = SetTo(facts, {Key::kFlavorFirmwareType, Key::kImageFirmwareType},
                                        [](absl::string_view value) { return value == "uefi"; });
  if (!wrong.empty()) return report(wrong);
  if (facts.firmware_type.empty()) report({facts.settings.Named(Key::kImageFirmwareType)});
}

void EvaluateFirmwareConflict(const RequestFacts& facts, ReportFn report) {
  ReportConflict(facts, Key::kFlavorFirmwareType, Key::kImageFirmwareType, report);
}

void EvaluateMachineType(const RequestFacts& facts, ReportFn report) {
  const OffendingSettings wrong =
      SetTo(facts, {Key::kFlavorMachineType, Key::kImageMachineType}, IsQ35);
  if (!wrong.empty()) return report(wrong);
  if (IsQ35(facts.machine_type)) return;
  const std::string& value = facts.policy.default_machine_type();
  report({facts.settings.Named(Key::kImageMachineType),
          {v1::OFFENDER_ORIGIN_HOST, "default_machine_type", value.empty() ? nullptr : &value}});
}

void EvaluateMachineConflict(const RequestFacts& facts, ReportFn report) {
  ReportConflict(facts, Key::kFlavorMachineType, Key::kImageMachineType, report);
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

void EvaluatePmuConflict(const RequestFacts& facts, ReportFn report) {
  const Boolean flavor = facts.Bool(Key::kFlavorPmu);
  const Boolean image = facts.Bool(Key::kImagePmu);
  if (flavor == Boolean::kUnset || image == Boolean::kUnset) return;
  if (NovaReads(flavor) == NovaReads(image)) return;
  report({facts.settings.Named(Key::kFlavorPmu), facts.settings.Named(Key::kImagePmu)});
}

void EvaluateSecureBoot(const RequestFacts& facts, ReportFn report) {
  const OffendingSettings wrong =
      SetTo(facts, {Key::kFlavorSecureBoot, Key::kImageSecureBoot}, [](absl::string_view value) {
        return value == "required" || value == "disabled" || value == "optional";
      });
  for (const Setting& setting : wrong) report({setting});
}

void EvaluateSecureBootConflict(const RequestFacts& facts, ReportFn report) {
  ReportConflict(facts, Key::kFlavorSecureBoot, Key::kImageSecureBoot, report);
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
