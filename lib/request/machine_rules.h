// Rules on what the machine is made of: firmware, machine type, video, PMU, memory pages.
// Thread-safe: pure functions.
#ifndef CCPLACE_LIB_REQUEST_MACHINE_RULES_H_
#define CCPLACE_LIB_REQUEST_MACHINE_RULES_H_

#include "lib/request/rule.h"

namespace ccplace::rules {

void EvaluateFirmwareType(const RequestFacts& facts, ReportFn report);
void EvaluateFirmwareConflict(const RequestFacts& facts, ReportFn report);
void EvaluateMachineType(const RequestFacts& facts, ReportFn report);
void EvaluateMachineConflict(const RequestFacts& facts, ReportFn report);
void EvaluateStatelessFirmware(const RequestFacts& facts, ReportFn report);
void EvaluateVideoModel(const RequestFacts& facts, ReportFn report);
void EvaluatePmu(const RequestFacts& facts, ReportFn report);
void EvaluatePmuConflict(const RequestFacts& facts, ReportFn report);
void EvaluateSecureBoot(const RequestFacts& facts, ReportFn report);
void EvaluateSecureBootConflict(const RequestFacts& facts, ReportFn report);
void EvaluatePageSize(const RequestFacts& facts, ReportFn report);
void EvaluatePageSizeWord(const RequestFacts& facts, ReportFn report);
void EvaluateLockedMemoryConflict(const RequestFacts& facts, ReportFn report);
void EvaluateLockedMemory(const RequestFacts& facts, ReportFn report);

void WarnKeysNotRead(const RequestFacts& facts, ReportFn report);
void WarnReleasedNovaRefuses(const RequestFacts& facts, ReportFn report);
void WarnGraphicalConsole(const RequestFacts& facts, ReportFn report);
void WarnHugePages(const RequestFacts& facts, ReportFn report);

}  // namespace ccplace::rules

#endif  // CCPLACE_LIB_REQUEST_MACHINE_RULES_H_
