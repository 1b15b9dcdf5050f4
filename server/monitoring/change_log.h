// The log's lines about the host: one for each change of what can be done here.
#ifndef CCPLACE_SERVER_MONITORING_CHANGE_LOG_H_
#define CCPLACE_SERVER_MONITORING_CHANGE_LOG_H_

#include <functional>
#include <memory>

#include "lib/capability/monitor/host_state.h"
#include "nlohmann/json_fwd.hpp"

namespace ccplace {

// Writes what `state` says at once, and then each change of a verdict, of the keys and whether they
// are withheld, of the firmware's MRTD and of whether the facts are stale, for as long as it lives.
// That the MRTD changed stands in the audit too. `state` must outlive it, and is not held: lines
// are written on the watchers' thread, which must not be the one to end the state.
class ChangeLog {
 public:
  // Where lines of the audit go: LogAudit outside of tests.
  using AuditWriter = std::function<void(const nlohmann::ordered_json&)>;

  ChangeLog(HostState& state, AuditWriter audit);
  ~ChangeLog();
  ChangeLog(const ChangeLog&) = delete;
  ChangeLog& operator=(const ChangeLog&) = delete;

 private:
  class LoggedState;
  const std::shared_ptr<LoggedState> logged_;
  const std::unique_ptr<WatchHandle> handle_;
};

}  // namespace ccplace

#endif  // CCPLACE_SERVER_MONITORING_CHANGE_LOG_H_
