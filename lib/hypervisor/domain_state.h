// What a domain's state tells of its key. Thread-safe: a pure function.
#ifndef CCPLACE_LIB_HYPERVISOR_DOMAIN_STATE_H_
#define CCPLACE_LIB_HYPERVISOR_DOMAIN_STATE_H_

#include "ccplace/v1/domain.pb.h"

namespace ccplace {

// Whether a domain in `state` is alive: a guest holds its key from start to shut off, paused or
// not. Inline, for ccplacectl is built without libvirt.
inline bool HoldsKey(v1::DomainState state) {
  return state == v1::DOMAIN_STATE_RUNNING || state == v1::DOMAIN_STATE_PAUSED ||
         state == v1::DOMAIN_STATE_SHUTTING_DOWN;
}

}  // namespace ccplace

#endif  // CCPLACE_LIB_HYPERVISOR_DOMAIN_STATE_H_
