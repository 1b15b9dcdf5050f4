// The reference values that a verifier needs of a domain, and what is known of the TDX module.
#ifndef CCPLACE_LIB_CAPABILITY_SNAPSHOT_DOMAIN_REFERENCE_H_
#define CCPLACE_LIB_CAPABILITY_SNAPSHOT_DOMAIN_REFERENCE_H_

#include <string>

#include "absl/strings/string_view.h"
#include "ccplace/v1/capability.pb.h"
#include "ccplace/v1/domain.pb.h"
#include "lib/capability/facts/firmware_measurer.h"
#include "lib/domain/domain_xml.h"

namespace ccplace {

// The reference values of a domain in `state` whose XML in force says `defined`. `now`: its
// firmware file as it is now. `tdx_module`: version of the TDX module that is loaded now; empty:
// unknown. Those of an active guest are of its start, as far as they were kept. Pure.
v1::LaunchReference DomainReference(const DefinedDomain& defined, v1::DomainState state,
                                    const FirmwareMeasurement& now, const std::string& tdx_module);

// With what the table of published modules says of `version`, the kernel's word; empty: unknown.
// Pure.
v1::TdxModule TdxModuleOf(const std::string& version);

// `now` where both are versions and it is the newer one; else empty. Pure.
std::string NewerTdxModule(absl::string_view at_start, absl::string_view now);

}  // namespace ccplace

#endif  // CCPLACE_LIB_CAPABILITY_SNAPSHOT_DOMAIN_REFERENCE_H_
