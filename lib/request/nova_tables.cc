#include "lib/request/nova_tables.h"

#include <re2/re2.h>

#include <algorithm>
#include <string>

#include "absl/container/node_hash_map.h"
#include "absl/strings/match.h"
#include "lib/request/values.h"

namespace ccplace::rules {
namespace {

using Patterns = absl::node_hash_map<absl::string_view, RE2>;

Patterns CompilePatterns() {
  Patterns patterns;
  for (const NovaExtraSpec& spec : NovaExtraSpecs()) {
    if (spec.kind == NovaExtraSpec::Kind::kPattern) {
      patterns.try_emplace(spec.pattern, std::string(spec.pattern), RE2::Quiet);
    }
  }
  return patterns;
}

// nova's digits are those of any script; these patterns' are ASCII's, as ReadInteger's.
bool TakesPattern(const NovaExtraSpec& spec, absl::string_view value) {
  static const auto* const patterns = new Patterns(CompilePatterns());
  return RE2::FullMatch(std::string(value), patterns->at(spec.pattern));
}

bool TakesInteger(const NovaExtraSpec& spec, absl::string_view value) {
  const auto number = ReadInteger(value);
  return number.has_value() && *number >= spec.lowest && *number <= spec.highest;
}

}  // namespace

bool TakesValue(const NovaProperty& property, absl::string_view value) {
  switch (property.kind) {
    case NovaProperty::Kind::kInteger:
      return ReadInteger(value).has_value();
    case NovaProperty::Kind::kWords:
      return IsOneOf(value, property.words);
    case NovaProperty::Kind::kWordsOfAnyCase:
      if (property.name == "vmware_adaptertype" && (value.empty() || value == "ide")) return true;
      return IsOneOfAnyCase(value, property.words);
    case NovaProperty::Kind::kText:
      break;
  }
  return true;
}

bool TakesValue(const NovaExtraSpec& spec, absl::string_view value) {
  switch (spec.kind) {
    case NovaExtraSpec::Kind::kBoolean:
      return ReadBoolean(value) != Boolean::kInvalid;
    case NovaExtraSpec::Kind::kInteger:
      return TakesInteger(spec, value);
    case NovaExtraSpec::Kind::kWords:
      return IsOneOf(value, spec.words);
    case NovaExtraSpec::Kind::kPattern:
      return TakesPattern(spec, value);
    case NovaExtraSpec::Kind::kText:
      break;
  }
  return true;
}

bool IsResourceClass(absl::string_view name) {
  const auto standard = StandardResourceClasses();
  return absl::StartsWith(name, "CUSTOM_") ||
         std::find(standard.begin(), standard.end(), name) != standard.end();
}

bool IsOfNovasNamespaces(absl::string_view name) {
  return absl::StartsWith(name, "hw:") || absl::StartsWith(name, "os:");
}

}  // namespace ccplace::rules
