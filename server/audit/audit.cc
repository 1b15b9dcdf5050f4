#include "server/audit/audit.h"

#include <utility>

#include "absl/status/status.h"
#include "lib/base/status.h"
#include "lib/base/text.h"
#include "lib/observability/log.h"
#include "nlohmann/json.hpp"

namespace ccplace {
namespace {

constexpr size_t kMessageLimit = 512;

void Put(nlohmann::ordered_json& line, const char* key, const std::string& value) {
  if (!value.empty()) line[key] = Printable(value, kMessageLimit);
}

}  // namespace

nlohmann::ordered_json AuditFields(const AuditEntry& entry) {
  nlohmann::ordered_json line;
  line["rpc"] = std::string(entry.rpc);
  Put(line, "caller", entry.caller);
  Put(line, "uuid", entry.uuid);
  Put(line, "digest", entry.digest);
  Put(line, "what", entry.what);
  line["verdict"] = absl::StatusCodeToString(entry.verdict.code());
  Put(line, "reason", ReasonOf(entry.verdict));
  Put(line, "message", std::string(entry.verdict.message()));
  Put(line, "request_id", entry.origin.request_id);
  Put(line, "trace_id", entry.origin.trace_id);
  Put(line, "span_id", entry.origin.span_id);
  return line;
}

void WriteAudit(const AuditEntry& entry) { LogAudit(AuditFields(entry)); }

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
