// Rules on what comes with a flavor and an image: block devices, the operation, what is asked of
// Placement. Thread-safe: pure functions.
#ifndef CCPLACE_LIB_REQUEST_REQUEST_RULES_H_
#define CCPLACE_LIB_REQUEST_REQUEST_RULES_H_

#include "lib/request/rule.h"

namespace ccplace::rules {

void EvaluateScsiBoot(const RequestFacts& facts, ReportFn report);
void EvaluateBootIndex(const RequestFacts& facts, ReportFn report);
void EvaluateOperation(const RequestFacts& facts, ReportFn report);
void EvaluateResourceSpecs(const RequestFacts& facts, ReportFn report);
void EvaluateTraitSpecs(const RequestFacts& facts, ReportFn report);
void EvaluateCpuPolicy(const RequestFacts& facts, ReportFn report);
void EvaluateCpuPolicyConflict(const RequestFacts& facts, ReportFn report);
void EvaluateFlavorWords(const RequestFacts& facts, ReportFn report);
void EvaluateThreadPolicyConflict(const RequestFacts& facts, ReportFn report);
void EvaluateSettingConflicts(const RequestFacts& facts, ReportFn report);
void EvaluateDedicatedCpus(const RequestFacts& facts, ReportFn report);
void EvaluateImageWords(const RequestFacts& facts, ReportFn report);
void EvaluateImageNumbers(const RequestFacts& facts, ReportFn report);
void EvaluateImageStatus(const RequestFacts& facts, ReportFn report);

void WarnExtraSpecRefused(const RequestFacts& facts, ReportFn report);
void WarnSoftReboot(const RequestFacts& facts, ReportFn report);

}  // namespace ccplace::rules

#endif  // CCPLACE_LIB_REQUEST_REQUEST_RULES_H_
