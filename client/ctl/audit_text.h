// What an audit prints: its pairings as they are judged, and a summary.
#ifndef CCPLACE_CLIENT_CTL_AUDIT_TEXT_H_
#define CCPLACE_CLIENT_CTL_AUDIT_TEXT_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "client/ctl/audit_engine.h"
#include "client/ctl/catalog.h"
#include "client/ctl/console.h"

namespace ccplace::ctl {

// What was counted so far, in pairings.
struct AuditTotals {
  // How often one reason was met, with the first sentence and remedy it came with.
  struct Reason {
    uint64_t pairings = 0;
    std::string message;
    std::string remedy;
  };

  uint64_t not_confidential = 0;
  uint64_t accepted = 0;
  uint64_t rejected = 0;
  uint64_t unjudged = 0;
  std::map<std::string, uint64_t> accepted_by_model;
  std::map<std::string, Reason> reasons;  // By the reason's word.

  uint64_t judged() const { return not_confidential + accepted + rejected; }
  // Counts one verdict that holds for so many pairings.
  void Count(const AuditVerdict& verdict, uint64_t pairings);
};

// For people: a verdict that holds for every member of `flavors` with every member of `images`.
void PrintGroupedVerdict(Console& out, const FlavorGroup& flavors, const ImageGroup& images,
                         const AuditVerdict& verdict);

// For machines: one line of JSON for each pairing.
void PrintPairings(Console& out, const FlavorGroup& flavors, const ImageGroup& images,
                   const AuditVerdict& verdict);

// Totals and reasons; as a table, or as a last line {"summary": ...}.
void PrintSummary(Console& out, const AuditTotals& totals);
void PrintSummaryJson(Console& out, const AuditTotals& totals);

}  // namespace ccplace::ctl

#endif  // CCPLACE_CLIENT_CTL_AUDIT_TEXT_H_
