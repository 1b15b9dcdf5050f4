#include "client/ctl/catalog_audit/catalog_audit_totals.h"

#include <bitset>

namespace ccplace::ctl {

void AuditTotals::Reason::Count(absl::string_view with_remedy, uint64_t more) {
  if (pairings == 0) remedy.assign(with_remedy.data(), with_remedy.size());
  pairings += more;
}

void AuditTotals::Count(const BriefVerdict& verdict, uint64_t pairings) {
  if (verdict.decision == v1::DECISION_NOT_CONFIDENTIAL) {
    (verdict.mistakes.empty() ? not_confidential : unencrypted) += pairings;
    for (const auto& mistake : verdict.mistakes) {
      mistakes.at(static_cast<size_t>(mistake.reason)).Count(mistake.remedy, pairings);
    }
  } else if (verdict.decision == v1::DECISION_ACCEPTED) {
    accepted += pairings;
    accepted_by_model.at(static_cast<size_t>(verdict.model)) += pairings;
  } else {
    rejected += pairings;
    CountReasons(verdict, pairings);
  }
}

void AuditTotals::CountReasons(const BriefVerdict& verdict, uint64_t pairings) {
  // Two violations of one rule are one reason.
  std::bitset<v1::ViolationReason_ARRAYSIZE> counted;
  for (const auto& violation : verdict.violations) {
    const auto number = static_cast<size_t>(violation.reason);
    if (counted[number]) continue;
    counted.set(number);
    reasons.at(number).Count(violation.remedy, pairings);
  }
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
