// Judges every pairing of a catalog's flavors and images, in this process, on several threads.
#ifndef CCPLACE_CLIENT_CTL_CATALOG_AUDIT_CATALOG_AUDIT_H_
#define CCPLACE_CLIENT_CTL_CATALOG_AUDIT_CATALOG_AUDIT_H_

#include <cstddef>
#include <functional>
#include <vector>

#include "ccplace/v1/capability.pb.h"
#include "ccplace/v1/request.pb.h"
#include "client/ctl/catalog_audit/catalog_audit_totals.h"
#include "client/ctl/input/catalog.h"
#include "lib/request/rules.h"

namespace ccplace::ctl {

// The verdict on one flavor group with one image group.
struct AuditVerdict {
  size_t image_group = 0;
  ToldVerdict verdict;
};

// Which verdicts are reported one by one; all are counted. kRejected: also those that run
// unencrypted by mistake.
enum class VerdictFilter { kNone, kRejected, kConfidential };

// The verdicts on one flavor group.
struct AuditRow {
  size_t flavor_group = 0;
  AuditTotals totals;
  std::vector<AuditVerdict> verdicts;  // Those kept, in the order of the image groups.
};

// Calls `on_row` on the calling thread, for each flavor group in turn. Up to `jobs` rows are judged
// ahead on threads of their own; memory is bounded by jobs + 1 rows. False from `on_row` ends it.
void AuditCatalog(const std::vector<FlavorGroup>& flavors, const std::vector<ImageGroup>& images,
                  const v1::HostPolicy& policy, VerdictFilter keep, size_t jobs,
                  const std::function<bool(const AuditRow&)>& on_row);

}  // namespace ccplace::ctl

#endif  // CCPLACE_CLIENT_CTL_CATALOG_AUDIT_CATALOG_AUDIT_H_
