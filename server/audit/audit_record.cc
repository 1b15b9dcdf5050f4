#include "server/audit/audit_record.h"

#include <utility>

#include "nlohmann/json.hpp"

namespace ccplace {

AuditRecord::AuditRecord(AuditEntry entry, Write write)
    : entry_(std::move(entry)), write_(std::move(write)) {}

void AuditRecord::Begin() {
  nlohmann::ordered_json line = AuditFields(entry_);
  line["verdict"] = "BEGUN";
  write_(line);
}

void AuditRecord::Answered(const absl::Status& verdict) {
  const std::lock_guard<std::mutex> lock(mutex_);
  answered_ = true;
  WriteVerdict(verdict, /*late=*/false);
  // The time ran out between the end of the work and its answer.
  if (ended_.has_value() && *ended_ != verdict) WriteVerdict(*ended_, /*late=*/true);
}

void AuditRecord::Ended(const absl::Status& verdict) {
  const std::lock_guard<std::mutex> lock(mutex_);
  ended_ = verdict;
  if (answered_) WriteVerdict(verdict, /*late=*/true);
}

void AuditRecord::WriteVerdict(const absl::Status& verdict, bool late) {
  entry_.verdict = verdict;
  nlohmann::ordered_json line = AuditFields(entry_);
  if (late) line["late"] = true;
  write_(line);
}

}  // namespace ccplace
