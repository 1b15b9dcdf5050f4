#include "server/audit/audit_record.h"

#include <utility>

#include "nlohmann/json.hpp"

namespace ccplace {

AuditTrail::AuditTrail(AuditEntry entry, Write write)
    : entry_(std::move(entry)), write_(std::move(write)) {}

void AuditTrail::Begin() {
  nlohmann::ordered_json line = AuditFields(entry_);
  line["verdict"] = "BEGUN";
  write_(line);
}

void AuditTrail::Answered(const absl::Status& verdict) {
  const std::lock_guard<std::mutex> lock(mutex_);
  answered_ = true;
  Tell(verdict, /*late=*/false);
  // The time ran out between the end of the work and its answer.
  if (ended_.has_value() && *ended_ != verdict) Tell(*ended_, /*late=*/true);
}

void AuditTrail::Ended(const absl::Status& verdict) {
  const std::lock_guard<std::mutex> lock(mutex_);
  ended_ = verdict;
  if (answered_) Tell(verdict, /*late=*/true);
}

void AuditTrail::Tell(const absl::Status& verdict, bool late) {
  entry_.verdict = verdict;
  nlohmann::ordered_json line = AuditFields(entry_);
  if (late) line["late"] = true;
  write_(line);
}

}  // namespace ccplace
