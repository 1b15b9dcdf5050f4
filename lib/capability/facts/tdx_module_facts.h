// What is known of the TDX module that is loaded.
#ifndef CCPLACE_LIB_CAPABILITY_FACTS_TDX_MODULE_FACTS_H_
#define CCPLACE_LIB_CAPABILITY_FACTS_TDX_MODULE_FACTS_H_

#include <string>

#include "absl/strings/string_view.h"
#include "ccplace/v1/capability.pb.h"

namespace ccplace {

// With what the table of published modules says of `version`, the kernel's word; empty: unknown.
// Pure.
v1::TdxModule TdxModuleOf(const std::string& version);

// `now` where both are versions and it is the newer one; else empty. Pure.
std::string NewerTdxModule(absl::string_view at_start, absl::string_view now);

}  // namespace ccplace

#endif  // CCPLACE_LIB_CAPABILITY_FACTS_TDX_MODULE_FACTS_H_
