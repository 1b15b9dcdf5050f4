// Query strings for Placement's GET /allocation_candidates. Thread-safe: pure functions.
#ifndef CCPLACE_LIB_REQUEST_CANDIDATES_QUERY_H_
#define CCPLACE_LIB_REQUEST_CANDIDATES_QUERY_H_

#include <cstdint>
#include <string>

#include "absl/container/inlined_vector.h"
#include "absl/strings/string_view.h"

namespace ccplace::rules {

struct Amount {
  absl::string_view resource_class;
  uint64_t amount;
};

// What one request group asks for. Names point elsewhere and must outlive it.
struct RequestGroup {
  absl::string_view suffix;  // Empty: the group without one.
  absl::InlinedVector<Amount, 6> amounts;
  absl::InlinedVector<absl::string_view, 6> required;
  absl::InlinedVector<absl::string_view, 2> forbidden;

  // The amount of the class, added when it is not there.
  uint64_t& AmountOf(absl::string_view resource_class);
  bool Has(absl::string_view resource_class) const;
  // Takes out amounts of 0 and repeated traits, and sorts: one request, one query.
  void Tidy();
};

// Appends `group`'s parameters to `query`, percent-encoded, after "&" if it is not empty. A
// group without suffix that has traits but no amounts asks for them of the root provider: Placement
// refuses traits without resources ("root_required", microversion 1.35).
void AppendGroup(const RequestGroup& group, std::string& query);

}  // namespace ccplace::rules

#endif  // CCPLACE_LIB_REQUEST_CANDIDATES_QUERY_H_
