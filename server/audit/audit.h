// The audit: one line for every call that changes the host, and for calls that were refused.
#ifndef CCPLACE_SERVER_AUDIT_AUDIT_H_
#define CCPLACE_SERVER_AUDIT_AUDIT_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "lib/observability/trace_context.h"
#include "nlohmann/json_fwd.hpp"

namespace ccplace {

// A call, as the audit logs it. Foreign text is bounded and escaped when it is written.
struct AuditEntry {
  absl::string_view rpc;  // "DefineTdxDomain".
  std::string caller;     // As Authenticator::Describe.
  std::string uuid;       // As the request spells it. Empty: the call has none.
  std::string digest;     // The request's digest. Empty: the call has none.
  std::string what;       // What was asked for and done, as "start,dry_run". May be empty.
  absl::Status verdict;   // OK: done.
  TraceContext origin = {};
};

// `entry` as an object of bounded, printable strings.
nlohmann::ordered_json AuditFields(const AuditEntry& entry);

// Writes the entry to the log under the name "audit". Thread-safe.
void WriteAudit(const AuditEntry& entry);

}  // namespace ccplace

#endif  // CCPLACE_SERVER_AUDIT_AUDIT_H_
