// The reference values that a verifier needs of a domain.
#ifndef CCPLACE_LIB_CAPABILITY_DOMAIN_REFERENCE_H_
#define CCPLACE_LIB_CAPABILITY_DOMAIN_REFERENCE_H_

#include "ccplace/v1/domain.pb.h"
#include "lib/capability/firmware_measurer.h"
#include "lib/domain/domain_xml.h"

namespace ccplace {

// The reference values of a domain in `state` whose XML in force says `defined`. `now`: its
// firmware file as it is now. Those of an active guest are of the firmware that it was started
// with, where that was kept. Pure.
v1::LaunchReference DomainReference(const DefinedDomain& defined, v1::DomainState state,
                                    const FirmwareMeasurement& now);

}  // namespace ccplace

#endif  // CCPLACE_LIB_CAPABILITY_DOMAIN_REFERENCE_H_
