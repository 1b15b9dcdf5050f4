// From checks to a model's verdict.
#ifndef CCPLACE_LIB_CAPABILITY_CHECKS_CHECK_TABLE_H_
#define CCPLACE_LIB_CAPABILITY_CHECKS_CHECK_TABLE_H_

#include "ccplace/v1/capability.pb.h"
#include "lib/capability/checks/checks.h"

namespace ccplace {

// Runs every check of the input's model and gives the verdict: UNSUPPORTED when a gate
// failed, else UNKNOWN when one is unknown, else SUPPORTED. Fills all of the entry but keys. Pure.
v1::ModelCapability EvaluateModel(const CheckInput& input);

}  // namespace ccplace

#endif  // CCPLACE_LIB_CAPABILITY_CHECKS_CHECK_TABLE_H_
