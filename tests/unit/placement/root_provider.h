// The root provider of the host that these tests speak of.
#ifndef CCPLACE_TESTS_UNIT_PLACEMENT_ROOT_PROVIDER_H_
#define CCPLACE_TESTS_UNIT_PLACEMENT_ROOT_PROVIDER_H_

#include "lib/placement/provider_tree.h"

namespace ccplace {

inline const RootProvider kRoot = {"6ba7b810-9dad-11d1-80b4-00c04fd430c8", "node-1"};

}  // namespace ccplace

#endif  // CCPLACE_TESTS_UNIT_PLACEMENT_ROOT_PROVIDER_H_
