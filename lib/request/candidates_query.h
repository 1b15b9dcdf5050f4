// Query strings for Placement's GET /allocation_candidates. Thread-safe: pure functions.
#ifndef CCPLACE_LIB_REQUEST_CANDIDATES_QUERY_H_
#define CCPLACE_LIB_REQUEST_CANDIDATES_QUERY_H_

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

// What one request group asks for, each in the order of names: one request, one query. Names point
// elsewhere and must outlive it.
struct RequestGroup {
  absl::string_view suffix;  // Empty: the group without one.
  absl::InlinedVector<Amount, 6> amounts;
  Traits required;
  Traits forbidden;

  // The amount of the class, added when it is not there.
  uint64_t& AmountOf(absl::string_view resource_class);
  bool Has(absl::string_view resource_class) const;
  // Takes out amounts of 0.
  void DropZeros();

  // No fewer bytes than its parameters take.
  size_t LongestQuery() const;
};

// A query under construction. Its memory is taken once: what does not fit is left out.
class QueryText {
 public:
  explicit QueryText(size_t longest) : text_(longest) {}

  // Adds `text` as it is.
  void Add(absl::string_view text);
  // Adds `group`'s parameters, percent-encoded, after "&" if it is not the first. A group without
  // suffix that has traits but no amounts asks for them of the root provider: Placement refuses
  // traits without resources ("root_required", microversion 1.35).
  void AddGroup(const RequestGroup& group);

  absl::string_view View() const { return {text_.data(), size_}; }

 private:
  static constexpr size_t kUsualBytes = 1024;

  void AddEncoded(absl::string_view text);
  void AddNumber(uint64_t number);
  void AddParameter(absl::string_view name, absl::string_view suffix);
  void AddTraits(const RequestGroup& group);

  absl::FixedArray<char, kUsualBytes> text_;
  size_t size_ = 0;
};

}  // namespace ccplace::rules

#endif  // CCPLACE_LIB_REQUEST_CANDIDATES_QUERY_H_
