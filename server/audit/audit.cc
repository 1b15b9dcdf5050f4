#include "server/audit/audit.h"

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

}  // namespace ccplace
