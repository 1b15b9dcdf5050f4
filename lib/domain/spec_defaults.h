// What a specification means where it says nothing. Thread-safe: pure functions.
#ifndef CCPLACE_LIB_DOMAIN_SPEC_DEFAULTS_H_
#define CCPLACE_LIB_DOMAIN_SPEC_DEFAULTS_H_

#include <cstdint>

#include "ccplace/v1/domain.pb.h"

namespace ccplace {

// The place of the disk at `index` (within bounds) in the boot order, 1 first; 0: not booted from.
// The first disk is first when no disk and no interface states a place.
uint32_t BootOrderOfDisk(const v1::TdxDomainSpec& spec, int index);

// The topology in force, every number stated.
v1::CpuTopology CpuTopologyOf(const v1::TdxDomainSpec& spec);

// Whether other processes must be able to map the guest's shared memory: asked for, or needed by a
// vhost-user interface.
bool NeedsSharedMemory(const v1::TdxDomainSpec& spec);

}  // namespace ccplace

#endif  // CCPLACE_LIB_DOMAIN_SPEC_DEFAULTS_H_
