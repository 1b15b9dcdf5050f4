#include <algorithm>

#include "absl/strings/match.h"
#include "lib/request/rule_functions.h"
#include "lib/request/scheduling.h"

namespace ccplace::rules {
namespace {

// Whether it is the trait of a model, by its own name or the one that it has in this cloud.
bool IsTraitOfModel(const RequestFacts& facts, absl::string_view trait) {
  const auto& names = facts.policy.renamed_traits();
  const auto models = Models();
  return std::any_of(models.begin(), models.end(), [&](const Model& model) {
    if (trait == model.trait) return true;
    const auto here = names.find(std::string(model.trait));
    return here != names.end() && !here->second.empty() && trait == here->second;
  });
}

// nova's class of encryption keys, and those by which ccplace-sync offers a host's keys beside a
// nova that knows no TDX.
bool IsKeyClass(absl::string_view resource_class) {
  return resource_class == "MEM_ENCRYPTION_CONTEXT" ||
         (absl::StartsWith(resource_class, "CUSTOM_CCPLACE_") &&
          absl::EndsWith(resource_class, "_KEY"));
}

// Those that do not clearly say no.
void ReportModelKeys(const RequestFacts& facts, bool is_tdx, ReportFn report) {
  for (const ModelKey& found : facts.settings.model_keys) {
    if (found.is_tdx != is_tdx || ReadBoolean(*found.value) == Boolean::kFalse) continue;
    report({{found.origin, *found.key, found.value}});
  }
}

// What a hint may lead to: released nova reads some of the flavor's keys in the image alone.
Key ReadKey(const RequestFacts& facts, Key key) {
  if (facts.dialect == v1::REQUEST_DIALECT_BLUEPRINT) return key;
  if (key == Key::kFlavorFirmwareType) return Key::kImageFirmwareType;
  return key == Key::kFlavorMachineType ? Key::kImageMachineType : key;
}

}  // namespace

void EvaluateUnknownModel(const RequestFacts& facts, ReportFn report) {
  if (!facts.asked) return report({facts.settings.Named(Key::kImageModel)});
  for (const Key key : {Key::kFlavorModel, Key::kImageModel}) {
    const std::string* name = facts.settings[key];
    if (name != nullptr && FindModel(*name) == nullptr) report({facts.settings.Named(key)});
  }
}

void WarnModelIgnored(const RequestFacts& facts, ReportFn report) {
  if (facts.UnknownModelOfImage()) return;  // Runs not at all.
  OffendingSettings named;
  for (const Key key : {Key::kFlavorModel, Key::kImageModel}) {
    if (facts.settings[key] != nullptr) named.push_back(facts.settings.Named(key));
  }
  if (!named.empty()) report(named);
}

// nova places such a server where a key is free, counts the key as used, and encrypts nothing.
void WarnEncryptionNotAsked(const RequestFacts& facts, ReportFn report) {
  if (facts.UnknownModelOfImage()) return;
  OffendingSettings asked;
  for (const PlacementSpec& spec : facts.settings.placement) {
    const bool asks = spec.is_trait ? *spec.value == "required" && IsTraitOfModel(facts, spec.name)
                                    : IsKeyClass(spec.name) && ReadAmount(*spec.value) != 0;
    if (asks) asked.push_back({spec.origin, *spec.key, spec.value});
  }
  if (!asked.empty()) report(asked);
}

void WarnModelDefaulted(const RequestFacts& facts, ReportFn report) {
  if (facts.model_named) return;
  const bool by_flavor = facts.settings[Key::kFlavorMemEncryption] != nullptr;
  report({facts.settings.Named(by_flavor ? Key::kFlavorModel : Key::kImageModel)});
}

void WarnTdxKey(const RequestFacts& facts, ReportFn report) {
  ReportModelKeys(facts, true, report);
}

void WarnSevKey(const RequestFacts& facts, ReportFn report) {
  ReportModelKeys(facts, false, report);
}

void WarnMisspelt(const RequestFacts& facts, ReportFn report) {
  for (const Suggestion& suggestion : facts.settings.suggestions) {
    const Setting found = {suggestion.origin, *suggestion.key, suggestion.value};
    report({found, facts.settings.Named(ReadKey(facts, suggestion.meant->key))});
  }
}

}  // namespace ccplace::rules
