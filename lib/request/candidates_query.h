// Query strings for Placement's GET /allocation_candidates. Thread-safe: pure functions.
#ifndef CCPLACE_LIB_REQUEST_CANDIDATES_QUERY_H_
#define CCPLACE_LIB_REQUEST_CANDIDATES_QUERY_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "absl/container/fixed_array.h"
#include "absl/container/inlined_vector.h"
#include "absl/strings/string_view.h"

namespace ccplace::rules {

struct Amount {
  absl::string_view resource_class;
  uint64_t amount;
};

using Traits = absl::InlinedVector<absl::string_view, 4>;

// Puts `trait` in its place, unless it is there.
void AddTrait(absl::string_view trait, Traits& traits);

// What one request group asks for. Names point elsewhere and must outlive it. Those of an accepted
// request are Placement's (A-Z, 0-9 and _; a suffix also a-z and -), and need no encoding.
struct RequestGroup {
  absl::string_view suffix;  // Empty: the group without one.
  absl::InlinedVector<Amount, 6> amounts;
  Traits required;             // In the order of names.
  Traits forbidden;            // In the order of names.
  bool has_odd_names = false;  // Of a policy that nobody checked: names are encoded.

  // The amount of the class, added when it is not there.
  uint64_t& AmountOf(absl::string_view resource_class);
  bool Has(absl::string_view resource_class) const;
  // Takes out amounts of 0, and sorts the others: one request, one query.
  void TidyAmounts();
  // Puts an amount of a class that is not there in its place among tidy ones.
  void InsertAmount(Amount amount);

  // No fewer bytes than its parameters take.
  size_t LongestQuery() const;
};

// A query under construction.
class QueryText {
 public:
  // `longest`: the LongestQuery of all groups together, and `end`'s size.
  explicit QueryText(size_t longest) : text_(longest), end_(text_.data()) {}

  // Adds `group`'s parameters, percent-encoded, after "&" if it is not the first. A group without
  // suffix that has traits but no amounts asks for them of the root provider: Placement refuses
  // traits without resources ("root_required", microversion 1.35).
  void AddGroup(const RequestGroup& group);
  void Add(absl::string_view end) { end_ = std::copy(end.begin(), end.end(), end_); }

  absl::string_view View() const { return {text_.data(), Size()}; }

 private:
  static constexpr size_t kUsualBytes = 1024;

  size_t Size() const { return static_cast<size_t>(end_ - text_.data()); }
  void AddName(absl::string_view name, bool odd) { odd ? AddEncoded(name) : Add(name); }
  void AddEncoded(absl::string_view name);
  void AddAmounts(const RequestGroup& group);
  void AddTraits(const RequestGroup& group);

  absl::FixedArray<char, kUsualBytes> text_;
  char* end_;  // What `longest` counted fits: nobody looks again for each piece.
};

}  // namespace ccplace::rules

#endif  // CCPLACE_LIB_REQUEST_CANDIDATES_QUERY_H_
