// What of a domain is looked at only when it starts.
#ifndef CCPLACE_LIB_DOMAIN_START_ONLY_H_
#define CCPLACE_LIB_DOMAIN_START_ONLY_H_

#include "ccplace/v1/domain.pb.h"

namespace ccplace {

// `request` without what libvirt 12.8 takes into a definition as it is, but looks for on the host
// when it translates a domain for QEMU: interfaces (it opens a tap device for each, of whatever
// kind), secrets of network storage, CPU and NUMA sets, huge pages. Their absence now is no reason
// against a definition. Pure.
v1::DefineTdxDomainRequest WithoutStartOnlyParts(v1::DefineTdxDomainRequest request);

}  // namespace ccplace

#endif  // CCPLACE_LIB_DOMAIN_START_ONLY_H_
