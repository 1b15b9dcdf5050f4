// The figures to write to Placement. Thread-safe: pure functions.
#ifndef CCPLACE_LIB_PLACEMENT_KEY_FIGURES_H_
#define CCPLACE_LIB_PLACEMENT_KEY_FIGURES_H_

#include <cstdint>
#include <optional>
#include <string>

#include "lib/placement/provider_tree.h"

namespace ccplace {

// Figures to write, and why they are these.
struct DecidedFigures {
  KeyFigures keys;
  bool overcommitted = false;  // More is allocated than the host offers now.
  std::string why;             // A clause without full stop.
};

// What Placement should hold for a host that offers `offered`, where `allocated` keys are allocated
// and `standing` is what Placement holds now (nothing: a new inventory).
//
// reserved is what configuration holds back and the keys in use that no allocation accounts for:
// the larger of `unaccounted` and in_use - allocated. The first sees guests of other tools than
// libvirt and leaked keys even behind allocations that have not started yet; the second sees guests
// that libvirt runs and nova never allocated. An allocation made before its guest starts only makes
// the second smaller, so the usual race at boot reserves nothing. Where either is unknown (of a
// host with a domain that cannot be read, the first is) reserved never falls below its present
// value.
//
// total does not change while more is allocated than the host offers, and the difference is
// reserved: Placement would take the smaller total, and no longer say how far the host is
// overcommitted.
DecidedFigures DecideFigures(const OfferedKeys& offered, uint64_t allocated,
                             const std::optional<KeyFigures>& standing);

// How many keys more an inventory of somebody else's offers, less what is allocated of it, than the
// platform has free. 0 where the use of keys is unknown.
uint64_t PromisedTooMany(const OfferedKeys& platform, const KeyFigures& promised,
                         uint64_t allocated);

// What closes an inventory for everything new and keeps what is allocated: reserved = total.
KeyFigures ClosedFigures(const KeyFigures& standing);

}  // namespace ccplace

#endif  // CCPLACE_LIB_PLACEMENT_KEY_FIGURES_H_
