// What the rows of rule_table.cc call, by the file that has it. Thread-safe: pure functions.
#ifndef CCPLACE_LIB_REQUEST_RULE_FUNCTIONS_H_
#define CCPLACE_LIB_REQUEST_RULE_FUNCTIONS_H_

#include "lib/request/rule.h"

namespace ccplace::rules {

// encryption_rules.cc: whether memory is encrypted, and by which model.
void EvaluateUnknownModel(const RequestFacts& facts, ReportFn report);
void WarnModelIgnored(const RequestFacts& facts, ReportFn report);
void WarnEncryptionNotAsked(const RequestFacts& facts, ReportFn report);
void WarnModelDefaulted(const RequestFacts& facts, ReportFn report);
void WarnTdxKey(const RequestFacts& facts, ReportFn report);
void WarnSevKey(const RequestFacts& facts, ReportFn report);
void WarnMisspelt(const RequestFacts& facts, ReportFn report);

// machine_rules.cc: what a model needs of the machine: firmware, machine type, video, PMU, memory.
void EvaluateFirmwareType(const RequestFacts& facts, ReportFn report);
void EvaluateMachineType(const RequestFacts& facts, ReportFn report);
void EvaluateStatelessFirmware(const RequestFacts& facts, ReportFn report);
void EvaluateVideoModel(const RequestFacts& facts, ReportFn report);
void EvaluatePmu(const RequestFacts& facts, ReportFn report);
void EvaluateLockedMemory(const RequestFacts& facts, ReportFn report);
void WarnKeysNotRead(const RequestFacts& facts, ReportFn report);
void WarnReleasedNovaRefuses(const RequestFacts& facts, ReportFn report);
void WarnGraphicalConsole(const RequestFacts& facts, ReportFn report);
void WarnHugePages(const RequestFacts& facts, ReportFn report);

// value_rules.cc: words, numbers and names that nova or Placement does not take.
void EvaluateBooleans(const RequestFacts& facts, ReportFn report);
void EvaluateSecureBoot(const RequestFacts& facts, ReportFn report);
void EvaluateCpuPolicy(const RequestFacts& facts, ReportFn report);
void EvaluateFlavorWords(const RequestFacts& facts, ReportFn report);
void EvaluatePageSizeWord(const RequestFacts& facts, ReportFn report);
void EvaluateImageWords(const RequestFacts& facts, ReportFn report);
void EvaluateImageNumbers(const RequestFacts& facts, ReportFn report);
void EvaluateResourceSpecs(const RequestFacts& facts, ReportFn report);
void EvaluateTraitSpecs(const RequestFacts& facts, ReportFn report);
void WarnExtraSpecRefused(const RequestFacts& facts, ReportFn report);

// request_rules.cc: what comes with flavor and image: block devices, the operation, the image's
// status.
void EvaluateScsiBoot(const RequestFacts& facts, ReportFn report);
void EvaluateBootIndex(const RequestFacts& facts, ReportFn report);
void EvaluateOperation(const RequestFacts& facts, ReportFn report);
void EvaluateDedicatedCpus(const RequestFacts& facts, ReportFn report);
void EvaluateImageStatus(const RequestFacts& facts, ReportFn report);
void WarnSoftReboot(const RequestFacts& facts, ReportFn report);

// conflict_rules.cc: flavor and image that contradict each other.
void EvaluateSecureBootConflict(const RequestFacts& facts, ReportFn report);
void EvaluateCpuPolicyConflict(const RequestFacts& facts, ReportFn report);
void EvaluateThreadPolicyConflict(const RequestFacts& facts, ReportFn report);
void EvaluateSettingConflicts(const RequestFacts& facts, ReportFn report);
void EvaluatePageSizeConflict(const RequestFacts& facts, ReportFn report);

void ReportBooleanConflict(const RequestFacts& facts, Key flavor, Key image, ReportFn report);
void ReportTextConflict(const RequestFacts& facts, Key flavor, Key image, ReportFn report);

// As nova compares booleans: a value that is none counts as false.
template <Key flavor, Key image>
void EvaluateBooleanConflict(const RequestFacts& facts, ReportFn report) {
  ReportBooleanConflict(facts, flavor, image, report);
}

// As nova compares texts: an empty one contradicts any other.
template <Key flavor, Key image>
void EvaluateTextConflict(const RequestFacts& facts, ReportFn report) {
  ReportTextConflict(facts, flavor, image, report);
}

}  // namespace ccplace::rules

#endif  // CCPLACE_LIB_REQUEST_RULE_FUNCTIONS_H_
