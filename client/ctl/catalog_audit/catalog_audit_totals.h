// What the audit of a catalog counts.
#ifndef CCPLACE_CLIENT_CTL_CATALOG_AUDIT_CATALOG_AUDIT_TOTALS_H_
#define CCPLACE_CLIENT_CTL_CATALOG_AUDIT_CATALOG_AUDIT_TOTALS_H_

#include <array>
#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "ccplace/v1/capability.pb.h"
#include "ccplace/v1/request.pb.h"
#include "lib/request/rules.h"

namespace ccplace::ctl {

// Numbers of pairings. A plain value: not thread-safe.
struct AuditTotals {
  // How often one reason was met, with the first remedy it came with.
  struct Reason {
    uint64_t pairings = 0;
    std::string remedy;

    void Count(absl::string_view with_remedy, uint64_t more);
  };

  uint64_t not_confidential = 0;
  uint64_t unencrypted = 0;  // By mistake: see BriefVerdict.
  uint64_t accepted = 0;
  uint64_t rejected = 0;
  uint64_t unjudged = 0;
  // By v1::EncryptionModel and v1::ViolationReason.
  std::array<uint64_t, v1::EncryptionModel_ARRAYSIZE> accepted_by_model{};
  std::array<Reason, v1::ViolationReason_ARRAYSIZE> reasons;
  // Of warnings that the guest runs unencrypted, by v1::WarningReason.
  std::array<Reason, v1::WarningReason_ARRAYSIZE> mistakes;

  uint64_t judged() const { return not_confidential + unencrypted + accepted + rejected; }
  // Counts a verdict that holds for so many pairings.
  void Count(const BriefVerdict& verdict, uint64_t pairings);
  // Counts what `later` counted.
  void Add(const AuditTotals& later);

 private:
  void CountReasons(const BriefVerdict& verdict, uint64_t pairings);
};

}  // namespace ccplace::ctl

#endif  // CCPLACE_CLIENT_CTL_CATALOG_AUDIT_CATALOG_AUDIT_TOTALS_H_
