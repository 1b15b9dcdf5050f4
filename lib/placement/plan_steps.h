// The steps that plans are made of. Thread-safe: pure functions.
#ifndef CCPLACE_LIB_PLACEMENT_PLAN_STEPS_H_
#define CCPLACE_LIB_PLACEMENT_PLAN_STEPS_H_

#include <string>

#include "absl/strings/string_view.h"
#include "lib/placement/observed.h"
#include "lib/placement/plan.h"
#include "lib/placement/provider_tree.h"

namespace ccplace {

// Adds the child's creation. Returns it as Placement will hold it.
ObservedProvider AddCreate(const ChildProvider& desired, Plan& plan);

// Gives the child those of the desired traits that it lacks, and takes away those of
// kModuleTraitPrefix that are not desired. All others are left to whoever set them.
void AddTraits(const ObservedProvider& seen, const ChildProvider& desired, Plan& plan);

// Writes the figures unless they are there already. `why` is a clause.
void AddInventory(const ObservedProvider& seen, const KeyFigures& keys, absl::string_view why,
                  Plan& plan);

// Removes the child, or below a root that nova looks after its inventory; closes it where something
// is allocated from it. `reason` is a clause.
ChildStatus AddRemoval(HostOwner owner, v1::EncryptionModel model, absl::string_view reason,
                       const ObservedProvider& seen, Plan& plan);

// The state of a child that is left to nova. seen: the provider of that name, which is not
// ours, or null. Says where nova reports fewer keys than the host offers, or promises more than it
// has free, and the likely cause.
ChildStatus StatusOfNovas(const ChildProvider& desired, const ObservedProvider* seen,
                          const RootProvider& root);

}  // namespace ccplace

#endif  // CCPLACE_LIB_PLACEMENT_PLAN_STEPS_H_
