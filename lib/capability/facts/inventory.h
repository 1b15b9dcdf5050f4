// How many guests of a model fit: the figures and their sources.
#ifndef CCPLACE_LIB_CAPABILITY_FACTS_INVENTORY_H_
#define CCPLACE_LIB_CAPABILITY_FACTS_INVENTORY_H_

#include "ccplace/v1/inventory.pb.h"
#include "lib/capability/facts/facts.h"
#include "lib/capability/facts/model_table.h"

namespace ccplace {

// The daemon's option that limits guests of the model; models of one pool share it.
absl::string_view LimitOption(const ModelInfo& model);

// Whether the kernel does not count the keys of `model` at all: it has no misc controller, or has
// one that does not know the model though the model is on. A count that is there and cannot be read
// is another matter.
bool KernelCountsNoKeys(const ModelInfo& model, const HostFileFacts& files);

// All figures of KeyInventory. An unknown one has a source that says why, and makes unknown what
// would be computed from it. One case is no computation: where KernelCountsNoKeys, a configured
// limit is the operator's own count, and usable is limit - reserved. Pure.
v1::KeyInventory BuildKeys(const ModelInfo& model, const HostFileFacts& files,
                           const absl::StatusOr<HypervisorFacts>& hypervisor,
                           const CapabilityOptions& options);

}  // namespace ccplace

#endif  // CCPLACE_LIB_CAPABILITY_FACTS_INVENTORY_H_
