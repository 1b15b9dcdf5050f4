// Rules on whether memory is encrypted, and by which model. Thread-safe: pure functions.
#ifndef CCPLACE_LIB_REQUEST_ENCRYPTION_RULES_H_
#define CCPLACE_LIB_REQUEST_ENCRYPTION_RULES_H_

#include "lib/request/rule.h"

namespace ccplace::rules {

void JudgeBooleans(const Facts& facts, Report report);
void JudgeEncryptionConflict(const Facts& facts, Report report);
void JudgeModelConflict(const Facts& facts, Report report);
void JudgeUnknownModel(const Facts& facts, Report report);

void WarnModelIgnored(const Facts& facts, Report report);
void WarnModelDefaulted(const Facts& facts, Report report);
void WarnMisspelt(const Facts& facts, Report report);

}  // namespace ccplace::rules

#endif  // CCPLACE_LIB_REQUEST_ENCRYPTION_RULES_H_
