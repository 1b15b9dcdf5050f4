#include "lib/placement/key_figures.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace ccplace {
namespace {

bool UseIsKnown(const OfferedKeys& offered) {
  return offered.in_use.has_value() && offered.unaccounted.has_value();
}

// The difference, or 0 when it is below.
uint64_t Less(uint64_t a, uint64_t b) { return a > b ? a - b : 0; }

// Keys in use that no allocation accounts for.
uint64_t TakenByOthers(const OfferedKeys& offered, uint64_t allocated) {
  return std::max(offered.unaccounted.value_or(0), Less(offered.in_use.value_or(0), allocated));
}

// The sum, or `limit` when it is larger.
uint64_t AddUpTo(uint64_t limit, uint64_t a, uint64_t b) {
  return b >= limit || a >= limit - b ? limit : a + b;
}

std::string OfferClause(const OfferedKeys& offered) {
  std::string why = absl::StrCat("the host offers ", offered.total, " keys");
  if (!offered.withheld.empty()) {
    absl::StrAppend(&why, ", and withholds all of them: ", offered.withheld);
  } else if (offered.held_back > 0) {
    absl::StrAppend(&why, ", ", offered.held_back, " of them held back by configuration");
  }
  return why;
}

// Adds the use that is known, and keeps the present value where there may be more.
void ReserveUse(const OfferedKeys& offered, uint64_t allocated,
                const std::optional<KeyFigures>& standing, DecidedFigures& decided) {
  KeyFigures& keys = decided.keys;
  const uint64_t others = TakenByOthers(offered, allocated);
  keys.reserved = AddUpTo(keys.total, keys.reserved, others);
  if (others > 0) {
    absl::StrAppend(&decided.why, ", ", others, " in use that no allocation accounts for");
  }
  if (UseIsKnown(offered) || !standing.has_value() || standing->reserved <= keys.reserved) return;
  keys.reserved = std::min(keys.total, standing->reserved);
  absl::StrAppend(&decided.why, ", how many are in use by others is unknown, so reserved stays");
}

}  // namespace

DecidedFigures DecideFigures(const OfferedKeys& offered, uint64_t allocated,
                             const std::optional<KeyFigures>& standing) {
  DecidedFigures decided;
  decided.why = OfferClause(offered);
  decided.keys.total = offered.total;
  decided.keys.reserved = std::min(offered.held_back, offered.total);
  decided.overcommitted = allocated > offered.total;
  if (decided.overcommitted && standing.has_value() && standing->total > offered.total) {
    decided.keys.total = standing->total;
    decided.keys.reserved += standing->total - offered.total;
  }
  if (decided.overcommitted) {
    absl::StrAppend(&decided.why, ", ", allocated,
                    " are allocated: the total stays until they fit, and the rest is reserved");
  }
  ReserveUse(offered, allocated, standing, decided);
  return decided;
}

uint64_t PromisedTooMany(const OfferedKeys& platform, const KeyFigures& promised,
                         uint64_t allocated) {
  if (!platform.in_use.has_value()) return 0;
  const uint64_t free = Less(platform.total + platform.beyond_limit, *platform.in_use);
  return Less(Less(Less(promised.total, promised.reserved), allocated), free);
}

KeyFigures ClosedFigures(const KeyFigures& standing) { return {standing.total, standing.total}; }

}  // namespace ccplace
