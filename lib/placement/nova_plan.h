// What is said of children that nova makes. Thread-safe: pure functions.
#ifndef CCPLACE_LIB_PLACEMENT_NOVA_PLAN_H_
#define CCPLACE_LIB_PLACEMENT_NOVA_PLAN_H_

#include "lib/placement/observed.h"
#include "lib/placement/plan.h"
#include "lib/placement/provider_tree.h"

namespace ccplace {

// The state of a child that is left to nova. seen: the provider of that name, which is not
// ours, or null. Says where nova reports fewer keys than the host offers, and the likely cause.
ChildStatus StatusOfNovas(const ChildProvider& desired, const ObservedProvider* seen,
                          const RootProvider& root);

}  // namespace ccplace

#endif  // CCPLACE_LIB_PLACEMENT_NOVA_PLAN_H_
