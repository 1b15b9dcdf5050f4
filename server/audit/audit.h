// The audit: one line for every call that changes the host, and for calls that were refused.
#ifndef CCPLACE_SERVER_AUDIT_AUDIT_H_
#define CCPLACE_SERVER_AUDIT_AUDIT_H_

#include <functional>
#include <mutex>
#include <optional>
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

// A line when the call begins, one with the verdict that its caller was given, and, where libvirt
// took longer than the caller had, one more with how the work ended after all. Thread-safe.
class AuditRecord {
 public:
  // Where lines go.
  using Write = std::function<void(const nlohmann::ordered_json&)>;

  AuditRecord(AuditEntry entry, Write write);

  // Writes that the call begins, with BEGUN as its verdict: whatever ends the daemon before the
  // verdict is there, the log says that the call was made.
  void Begin();

  // To be called just before the caller gets `verdict`. Once.
  void Answered(const absl::Status& verdict);

  // The work has ended so, before or after the caller was answered. Once at most.
  void Ended(const absl::Status& verdict);

 private:
  void WriteVerdict(const absl::Status& verdict, bool late);

  std::mutex mutex_;
  AuditEntry entry_;
  const Write write_;
  bool answered_ = false;
  std::optional<absl::Status> ended_;
};

}  // namespace ccplace

#endif  // CCPLACE_SERVER_AUDIT_AUDIT_H_
