// The audit lines of one call that changes the host.
#ifndef CCPLACE_SERVER_AUDIT_AUDIT_RECORD_H_
#define CCPLACE_SERVER_AUDIT_AUDIT_RECORD_H_

#include <functional>
#include <mutex>
#include <optional>

#include "absl/status/status.h"
#include "nlohmann/json_fwd.hpp"
#include "server/audit/audit.h"

namespace ccplace {

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

#endif  // CCPLACE_SERVER_AUDIT_AUDIT_RECORD_H_
