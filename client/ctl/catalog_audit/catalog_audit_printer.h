// What the audit of a catalog prints: its pairings as they are judged, and a summary.
#ifndef CCPLACE_CLIENT_CTL_CATALOG_AUDIT_CATALOG_AUDIT_PRINTER_H_
#define CCPLACE_CLIENT_CTL_CATALOG_AUDIT_CATALOG_AUDIT_PRINTER_H_

#include "client/ctl/catalog_audit/catalog_audit.h"
#include "client/ctl/catalog_audit/catalog_audit_totals.h"
#include "client/ctl/console/console.h"
#include "client/ctl/input/catalog.h"

namespace ccplace::ctl {

// For people: a verdict that holds for every member of `flavors` with every member of `images`.
void PrintGroupedVerdict(Console& out, const FlavorGroup& flavors, const ImageGroup& images,
                         const ToldVerdict& verdict);

// For machines: one line of JSON for each pairing.
void PrintPairings(Console& out, const FlavorGroup& flavors, const ImageGroup& images,
                   const ToldVerdict& verdict);

// Totals and reasons; as a table, or as a last line {"summary": ...}.
void PrintSummary(Console& out, const AuditTotals& totals);
void PrintSummaryJson(Console& out, const AuditTotals& totals);

}  // namespace ccplace::ctl

#endif  // CCPLACE_CLIENT_CTL_CATALOG_AUDIT_CATALOG_AUDIT_PRINTER_H_
