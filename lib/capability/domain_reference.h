// What a verifier needs to know of a domain, as far as it is known without a look at the host.
#ifndef CCPLACE_LIB_CAPABILITY_DOMAIN_REFERENCE_H_
#define CCPLACE_LIB_CAPABILITY_DOMAIN_REFERENCE_H_

#include "ccplace/v1/domain.pb.h"
#include "lib/capability/facts.h"
#include "lib/capability/firmware_measurer.h"

namespace ccplace {

// The reference values of `domain`, whose definition must have been read. Pure.
v1::LaunchReference DomainReference(const DomainFacts& domain,
                                    const FirmwareMeasurements& measurements);

}  // namespace ccplace

#endif  // CCPLACE_LIB_CAPABILITY_DOMAIN_REFERENCE_H_
