// Rules on what comes with a flavor and an image: block devices, the operation, what is asked of
// Placement. Thread-safe: pure functions.
#ifndef CCPLACE_LIB_REQUEST_REQUEST_RULES_H_
#define CCPLACE_LIB_REQUEST_REQUEST_RULES_H_

#include "lib/request/rule.h"

namespace ccplace::rules {

void JudgeScsiBoot(const Facts& facts, Report report);
void JudgeBootIndex(const Facts& facts, Report report);
void JudgeOperation(const Facts& facts, Report report);
void JudgeResourceSpecs(const Facts& facts, Report report);
void JudgeTraitSpecs(const Facts& facts, Report report);
void JudgeCpuPolicy(const Facts& facts, Report report);

void WarnSoftReboot(const Facts& facts, Report report);

}  // namespace ccplace::rules

#endif  // CCPLACE_LIB_REQUEST_REQUEST_RULES_H_
