#include "lib/request/nova_tables.h"

#include <algorithm>
#include <array>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "lib/request/values.h"

namespace ccplace::rules {
namespace {

constexpr size_t kLongestName = 64;

// Rows by the length of their names: a look-up compares with few of them.
template <typename Row>
class ByLength {
 public:
  explicit ByLength(absl::Span<const Row> rows) {
    for (const Row& row : rows) rows_.at(row.name.size()).push_back(&row);
  }

  const Row* Find(absl::string_view name) const {
    if (name.size() > kLongestName) return nullptr;
    for (const Row* row : rows_[name.size()]) {
      if (row->name == name) return row;
    }
    return nullptr;
  }

 private:
  std::array<std::vector<const Row*>, kLongestName + 1> rows_;
};

bool IsAmong(absl::string_view value, absl::string_view words, bool any_case) {
  const auto all = absl::StrSplit(words, ' ');
  return std::any_of(all.begin(), all.end(), [&](absl::string_view word) {
    return any_case ? absl::EqualsIgnoreCase(word, value) : word == value;
  });
}

// "hw:numa_cpus.0": what nova calls a parameter, \d+.
bool HasNumberAfter(absl::string_view name, absl::string_view stem) {
  return absl::ConsumePrefix(&name, stem) && !name.empty() &&
         std::all_of(name.begin(), name.end(), absl::ascii_isdigit);
}

bool TakesInteger(const NovaExtraSpec& spec, absl::string_view value) {
  int64_t number = 0;
  return absl::SimpleAtoi(value, &number) && number >= spec.lowest;
}

bool TakesValue(const NovaExtraSpec& spec, absl::string_view value) {
  switch (spec.kind) {
    case NovaExtraSpec::Kind::kBoolean:
      return ReadBoolean(value) != Boolean::kInvalid;
    case NovaExtraSpec::Kind::kInteger:
      return TakesInteger(spec, value);
    case NovaExtraSpec::Kind::kWords:
      return IsAmong(value, spec.words, false);
    case NovaExtraSpec::Kind::kText:
      break;
  }
  return true;
}

}  // namespace

const NovaProperty* FindNovaProperty(absl::string_view name) {
  static const auto* const index = new ByLength<NovaProperty>(NovaProperties());
  return index->Find(name);
}

bool TakesWord(const NovaProperty& property, absl::string_view value) {
  const bool adapter = property.name == "vmware_adaptertype";
  if (adapter && (value.empty() || value == "ide")) return true;
  return IsAmong(value, property.words, property.any_case);
}

bool IsAmongWords(absl::string_view value, absl::string_view words) {
  return IsAmong(value, words, false);
}

bool IsResourceClass(absl::string_view name) {
  const auto standard = StandardResourceClasses();
  return absl::StartsWith(name, "CUSTOM_") ||
         std::find(standard.begin(), standard.end(), name) != standard.end();
}

bool IsOfNovasNamespaces(absl::string_view name) {
  return absl::StartsWith(name, "hw:") || absl::StartsWith(name, "os:");
}

bool RefusesExtraSpec(absl::string_view name, absl::string_view value) {
  static const auto* const index = new ByLength<NovaExtraSpec>(NovaExtraSpecs());
  if (!IsOfNovasNamespaces(name)) return false;
  const NovaExtraSpec* spec = index->Find(name);
  if (spec != nullptr) return !TakesValue(*spec, value);
  return !HasNumberAfter(name, "hw:numa_cpus.") && !HasNumberAfter(name, "hw:numa_mem.");
}

}  // namespace ccplace::rules
