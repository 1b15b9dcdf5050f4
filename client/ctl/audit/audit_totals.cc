#include "client/ctl/audit/audit_totals.h"

#include <bitset>

namespace ccplace::ctl {

void AuditTotals::Reason::Count(const std::string& with_remedy, uint64_t more) {
  if (pairings == 0) remedy = with_remedy;
  pairings += more;
}

void AuditTotals::Count(const v1::ValidateRequestResponse& answer, uint64_t pairings) {
  if (answer.decision() == v1::DECISION_NOT_CONFIDENTIAL) {
    (CountMistakes(answer, pairings) ? unencrypted : not_confidential) += pairings;
  } else if (answer.decision() == v1::DECISION_ACCEPTED) {
    accepted += pairings;
    accepted_by_model.at(static_cast<size_t>(answer.model())) += pairings;
  } else {
    rejected += pairings;
    CountReasons(answer, pairings);
  }
}

void AuditTotals::CountReasons(const v1::ValidateRequestResponse& answer, uint64_t pairings) {
  // Two violations of one rule are one reason.
  std::bitset<v1::ViolationReason_ARRAYSIZE> counted;
  for (const v1::Violation& violation : answer.violations()) {
    const auto number = static_cast<size_t>(violation.reason());
    Reason& reason = reasons.at(number);
    if (counted[number]) continue;
    counted.set(number);
    reason.Count(violation.remedy(), pairings);
  }
}

bool AuditTotals::CountMistakes(const v1::ValidateRequestResponse& answer, uint64_t pairings) {
  bool any = false;
  for (const v1::Warning& warning : answer.warnings()) {
    if (!warning.runs_unencrypted()) continue;
    any = true;
    mistakes.at(static_cast<size_t>(warning.reason())).Count(warning.remedy(), pairings);
  }
  return any;
}

void AuditTotals::Add(const AuditTotals& later) {
  not_confidential += later.not_confidential;
  unencrypted += later.unencrypted;
  accepted += later.accepted;
  rejected += later.rejected;
  unjudged += later.unjudged;
  for (size_t i = 0; i < accepted_by_model.size(); ++i) {
    accepted_by_model[i] += later.accepted_by_model[i];
  }
  for (size_t i = 0; i < reasons.size(); ++i) {
    reasons[i].Count(later.reasons[i].remedy, later.reasons[i].pairings);
  }
  for (size_t i = 0; i < mistakes.size(); ++i) {
    mistakes[i].Count(later.mistakes[i].remedy, later.mistakes[i].pairings);
  }
}

}  // namespace ccplace::ctl
