// Rules on whether memory is encrypted, and by which model. Thread-safe: pure functions.
#ifndef CCPLACE_LIB_REQUEST_ENCRYPTION_RULES_H_
#define CCPLACE_LIB_REQUEST_ENCRYPTION_RULES_H_

#include "lib/request/rule.h"

namespace ccplace::rules {

void EvaluateBooleans(const RequestFacts& facts, ReportFn report);
void EvaluateEncryptionConflict(const RequestFacts& facts, ReportFn report);
void EvaluateModelConflict(const RequestFacts& facts, ReportFn report);
void EvaluateUnknownModel(const RequestFacts& facts, ReportFn report);

void WarnModelIgnored(const RequestFacts& facts, ReportFn report);
void WarnEncryptionNotAsked(const RequestFacts& facts, ReportFn report);
void WarnModelDefaulted(const RequestFacts& facts, ReportFn report);
void WarnTdxKey(const RequestFacts& facts, ReportFn report);
void WarnSevKey(const RequestFacts& facts, ReportFn report);
void WarnMisspelt(const RequestFacts& facts, ReportFn report);

}  // namespace ccplace::rules

#endif  // CCPLACE_LIB_REQUEST_ENCRYPTION_RULES_H_
