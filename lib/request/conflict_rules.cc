#include <string>
#include <utility>

#include "lib/request/rule_functions.h"

namespace ccplace::rules {

void ReportBooleanConflict(const RequestFacts& facts, Key flavor, Key image, ReportFn report) {
  const Boolean flavor_value = facts.Bool(flavor);
  const Boolean image_value = facts.Bool(image);
  if (flavor_value == Boolean::kUnset || image_value == Boolean::kUnset) return;
  if (NovaReads(flavor_value) == NovaReads(image_value)) return;
  report({facts.settings.Named(flavor), facts.settings.Named(image)});
}

void ReportTextConflict(const RequestFacts& facts, Key flavor, Key image, ReportFn report) {
  const std::string* flavor_value = facts.settings[flavor];
  const std::string* image_value = facts.settings[image];
  if (flavor_value == nullptr || image_value == nullptr || *flavor_value == *image_value) return;
  report({facts.settings.Named(flavor), facts.settings.Named(image)});
}

// nova's _get_unique_flavor_image_meta: an empty extra spec is none.
void EvaluateSecureBootConflict(const RequestFacts& facts, ReportFn report) {
  if (facts.Text(Key::kFlavorSecureBoot).empty()) return;
  ReportTextConflict(facts, Key::kFlavorSecureBoot, Key::kImageSecureBoot, report);
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
  for (const auto& [flavor, image] : kPairs) {
    if (facts.Text(flavor).empty() || facts.Text(image).empty()) continue;
    ReportTextConflict(facts, flavor, image, report);
  }
}

// nova's _get_numa_pagesize_constraint: an image may choose where the flavor says "any" or "large".
void EvaluatePageSizeConflict(const RequestFacts& facts, ReportFn report) {
  if (facts.Text(Key::kImagePageSize).empty()) return;
  if (LeavesPageSizeOpen(facts.Text(Key::kFlavorPageSize))) return;
  report({facts.settings.Named(Key::kFlavorPageSize), facts.settings.Named(Key::kImagePageSize)});
}

}  // namespace ccplace::rules
