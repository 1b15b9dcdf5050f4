#include <algorithm>
#include <string>
#include <utility>

#include "lib/request/rule_functions.h"
#include "lib/request/scheduling.h"

namespace ccplace::rules {
namespace {

// nova takes an empty extra spec for none, and an empty property for a word that it does not know.
void EvaluateWord(const RequestFacts& facts, Key flavor, Key image, Words words, ReportFn report) {
  if (!facts.Text(flavor).empty() && !IsOneOf(facts.Text(flavor), words)) {
    report({facts.settings.Named(flavor)});
  }
  if (facts.settings[image] != nullptr && !IsOneOf(facts.Text(image), words)) {
    report({facts.settings.Named(image)});
  }
}

bool NamesHyperthreading(const Settings& settings) {
  return std::any_of(
      settings.placement.begin(), settings.placement.end(),
      [](const PlacementSpec& spec) { return spec.is_trait && spec.name == kHyperthreadingTrait; });
}

// nova's numa_get_constraints, as far as settings that are read here go: it writes the thread
// policy into the topology, which takes no empty one, unless the trait states another.
bool WritesThreadPolicy(const RequestFacts& facts) {
  if (NamesHyperthreading(facts.settings)) return false;
  const absl::string_view policy = facts.FlavorFirst(Key::kFlavorCpuPolicy, Key::kImageCpuPolicy);
  return policy == "dedicated" || policy == "mixed" || AsksDedicatedCpus(facts.settings) ||
         !facts.FlavorFirst(Key::kFlavorPageSize, Key::kImagePageSize).empty();
}

}  // namespace

void EvaluateBooleans(const RequestFacts& facts, ReportFn report) {
  constexpr Key kBooleans[] = {Key::kFlavorMemEncryption, Key::kImageMemEncryption,
                               Key::kImageStateless, Key::kFlavorPmu, Key::kImagePmu};
  for (const Key key : kBooleans) {
    if (facts.Bool(key) == Boolean::kInvalid) report({facts.settings.Named(key)});
  }
}

void EvaluateSecureBoot(const RequestFacts& facts, ReportFn report) {
  constexpr absl::string_view kPolicies[] = {"required", "disabled", "optional"};
  EvaluateWord(facts, Key::kFlavorSecureBoot, Key::kImageSecureBoot, kPolicies, report);
}

void EvaluateCpuPolicy(const RequestFacts& facts, ReportFn report) {
  constexpr absl::string_view kPolicies[] = {"shared", "dedicated", "mixed"};
  EvaluateWord(facts, Key::kFlavorCpuPolicy, Key::kImageCpuPolicy, kPolicies, report);
}

// An empty one says nothing to nova, as long as it need not be written anywhere.
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
    if (value == nullptr || IsOneOf(*value, words)) continue;
    const bool refused =
        !value->empty() || (key == Key::kFlavorThreadPolicy && WritesThreadPolicy(facts));
    if (refused) report({facts.settings.Named(key)});
  }
}

// The image's counts where the flavor leaves it room.
void EvaluatePageSizeWord(const RequestFacts& facts, ReportFn report) {
  const bool room = LeavesPageSizeOpen(facts.Text(Key::kFlavorPageSize));
  const Key key = room ? Key::kImagePageSize : Key::kFlavorPageSize;
  const std::string* value = facts.settings[key];
  if (value == nullptr || value->empty() || IsPageSize(*value)) return;
  report({facts.settings.Named(key)});
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

// Those that no violation and no other warning names.
void WarnExtraSpecRefused(const RequestFacts& facts, ReportFn report) {
  for (const RefusedSpec& refused : facts.settings.refused_specs) {
    report({{refused.origin, *refused.key, refused.value}});
  }
}

}  // namespace ccplace::rules
