// What nova's API takes, out of nova's own code: see nova_tables_data.cc. Thread-safe: constant
// data and pure functions.
#ifndef CCPLACE_LIB_REQUEST_NOVA_TABLES_H_
#define CCPLACE_LIB_REQUEST_NOVA_TABLES_H_

#include <cstdint>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace ccplace::rules {

// An image property that takes one of some words; nova refuses the server for any other.
struct NovaProperty {
  absl::string_view name;
  bool any_case;            // Letter case does not count; `words` are in lower case.
  absl::string_view words;  // One blank between.
};

// An extra spec that nova's API stores from microversion 2.86 on.
struct NovaExtraSpec {
  enum class Kind { kText, kBoolean, kInteger, kWords };

  absl::string_view name;
  Kind kind;
  absl::string_view words;  // Of kWords, one blank between.
  int64_t lowest;           // Of kInteger.
};

inline constexpr int64_t kNoLimit = INT64_MIN;

absl::Span<const NovaProperty> NovaProperties();
absl::Span<const NovaExtraSpec> NovaExtraSpecs();
absl::Span<const absl::string_view> StandardResourceClasses();

// The property of that name that takes words; null when there is none.
const NovaProperty* FindNovaProperty(absl::string_view name);

// Whether nova takes `value` for the property. An empty vmware_adaptertype says nothing, and its
// "ide" is a bus.
bool TakesWord(const NovaProperty& property, absl::string_view value);

// Whether `value` is one of `words`, which have one blank between.
bool IsAmongWords(absl::string_view value, absl::string_view words);

// Whether Placement has a resource class of that name, or an operator may have made it ("CUSTOM_").
// nova drops a "resources:" extra spec of any other.
bool IsResourceClass(absl::string_view name);

// Whether an extra spec is of the namespaces that are judged here: "hw" and "os".
bool IsOfNovasNamespaces(absl::string_view name);

// Whether nova's API, from microversion 2.86 on, refuses to store this extra spec: of the
// namespaces "hw" and "os" those it does not know and those whose value it does not take. Values
// that nova holds to a pattern are not judged.
bool RefusesExtraSpec(absl::string_view name, absl::string_view value);

}  // namespace ccplace::rules

#endif  // CCPLACE_LIB_REQUEST_NOVA_TABLES_H_
