// What nova's API takes, out of nova's own code: see nova_tables_data.cc. Thread-safe: constant
// data and pure functions.
#ifndef CCPLACE_LIB_REQUEST_NOVA_TABLES_H_
#define CCPLACE_LIB_REQUEST_NOVA_TABLES_H_

#include <cstdint>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace ccplace::rules {

using Words = absl::Span<const absl::string_view>;

// An image property that nova reads. It refuses the server for a value that the property's kind
// does not take.
struct NovaProperty {
  enum class Kind { kText, kInteger, kWords, kWordsOfAnyCase };

  absl::string_view name;
  Kind kind;    // kText: nova takes any value, or what it makes of it is not judged here.
  Words words;  // Of kWords and kWordsOfAnyCase; of the latter in lower case.
};

// An extra spec that nova's API stores from microversion 2.86 on. A name that ends with a dot has a
// number behind it ("hw:numa_cpus.0").
struct NovaExtraSpec {
  enum class Kind { kText, kBoolean, kInteger, kWords, kPattern };

  absl::string_view name;
  Kind kind;
  Words words;                // Of kWords.
  absl::string_view pattern;  // Of kPattern: nova's regular expression for the whole value.
  int64_t lowest;             // Of kInteger.
  int64_t highest;            // Of kInteger.
};

inline constexpr int64_t kNoLowest = INT64_MIN;
inline constexpr int64_t kNoHighest = INT64_MAX;

// Each in the order of names.
absl::Span<const NovaProperty> NovaProperties();
absl::Span<const NovaExtraSpec> NovaExtraSpecs();
absl::Span<const absl::string_view> StandardResourceClasses();

// Whether nova takes `value` for the property. An empty vmware_adaptertype says nothing, and its
// "ide" is a bus.
bool TakesValue(const NovaProperty& property, absl::string_view value);

// Whether nova's API takes `value` for the extra spec.
bool TakesValue(const NovaExtraSpec& spec, absl::string_view value);

// Whether Placement has a resource class of that name, or an operator may have made it ("CUSTOM_").
// nova drops a "resources:" extra spec of any other.
bool IsResourceClass(absl::string_view name);

// Whether an extra spec is of the namespaces that are judged here: "hw" and "os". From microversion
// 2.86 on nova's API refuses to store one of these that it does not know.
bool IsOfNovasNamespaces(absl::string_view name);

}  // namespace ccplace::rules

#endif  // CCPLACE_LIB_REQUEST_NOVA_TABLES_H_
