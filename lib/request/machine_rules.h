// Rules on what the machine is made of: firmware, machine type, video, PMU, memory pages.
// Thread-safe: pure functions.
#ifndef CCPLACE_LIB_REQUEST_MACHINE_RULES_H_
#define CCPLACE_LIB_REQUEST_MACHINE_RULES_H_

#include "lib/request/rule.h"

namespace ccplace::rules {

void JudgeFirmwareType(const Facts& facts, Report report);
void JudgeFirmwareConflict(const Facts& facts, Report report);
void JudgeMachineType(const Facts& facts, Report report);
void JudgeMachineConflict(const Facts& facts, Report report);
void JudgeStatelessFirmware(const Facts& facts, Report report);
void JudgeVideoModel(const Facts& facts, Report report);
void JudgePmu(const Facts& facts, Report report);
void JudgePmuConflict(const Facts& facts, Report report);
void JudgeSecureBoot(const Facts& facts, Report report);
void JudgeSecureBootConflict(const Facts& facts, Report report);

void WarnGraphicalConsole(const Facts& facts, Report report);
void WarnHugePages(const Facts& facts, Report report);

}  // namespace ccplace::rules

#endif  // CCPLACE_LIB_REQUEST_MACHINE_RULES_H_
