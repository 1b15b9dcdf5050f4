#include "client/ctl/audit/audit_totals.h"

#include <bitset>

namespace ccplace::ctl {

void AuditTotals::Count(const v1::ValidateRequestResponse& answer, uint64_t pairings) {
  if (answer.decision() == v1::DECISION_NOT_CONFIDENTIAL) {
    not_confidential += pairings;
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
    if (reason.pairings == 0) reason.remedy = violation.remedy();
    reason.pairings += pairings;
  }
}

void AuditTotals::Add(const AuditTotals& later) {
  not_confidential += later.not_confidential;
  accepted += later.accepted;
  rejected += later.rejected;
  unjudged += later.unjudged;
  for (size_t i = 0; i < accepted_by_model.size(); ++i) {
    accepted_by_model[i] += later.accepted_by_model[i];
  }
  for (size_t i = 0; i < reasons.size(); ++i) {
    if (reasons[i].pairings == 0) reasons[i].remedy = later.reasons[i].remedy;
    reasons[i].pairings += later.reasons[i].pairings;
  }
}

}  // namespace ccplace::ctl
