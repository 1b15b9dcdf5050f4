// How the sync goes, for logs, metrics and systemd.
#ifndef CCPLACE_CLIENT_SYNC_APP_PROGRESS_H_
#define CCPLACE_CLIENT_SYNC_APP_PROGRESS_H_

#include <chrono>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "client/sync/placement/placement_rest.h"
#include "client/sync/sync/host_sync.h"
#include "client/sync/sync/sync_loop.h"

namespace ccplace::sync {

// What is known of the sync now.
struct ProgressSnapshot {
  bool host_connected = false;
  bool in_sync = false;  // Connected, and the last round wrote to Placement what the host says.
  bool waiting_for_root = false;  // nova has not made the compute node's provider.
  // The last round that succeeded while ccplaced was connected.
  std::optional<std::chrono::system_clock::time_point> last_success;
  double lag_seconds = 0;         // Age of the oldest state that Placement does not hold yet.
  double last_round_seconds = 0;  // From that state's arrival to Placement telling it.
  uint64_t rounds = 0;
  uint64_t failures = 0;
  uint64_t conflicts = 0;
  uint64_t removed = 0;        // Children of ours that somebody else removed.
  uint64_t overwritten = 0;    // Times that somebody else changed figures of ours.
  uint64_t not_asked_for = 0;  // Answers about other providers than were asked for.
  RequestCounts requests;      // To Placement.
  std::vector<ChildStatus> children;
};

// Gathers it, logs what is new, and notifies systemd. Thread-safe.
class Progress : public SyncObserver {
 public:
  // `placement` is read on the loop's thread alone and must outlive it.
  explicit Progress(const PlacementRest* placement) : placement_(placement) {}

  void OnRound(const SyncReport& report, std::chrono::steady_clock::time_point since) override;
  void OnHostState();
  void OnHostLost(const absl::Status& why, std::chrono::milliseconds wait);

  ProgressSnapshot Snapshot() const;

 private:
  void LogFailure(const absl::Status& status);
  void LogStateFile(const absl::Status& status);
  void LogSteps(const SyncReport& report);
  void LogChildren(const SyncReport& report);
  void LogRenamedTraits(const SyncReport& report);
  void Take(const SyncReport& report, std::chrono::steady_clock::time_point since);
  // Needs mutex_, so that the latest word is the last.
  void NotifySystemd() const;

  const PlacementRest* const placement_;
  std::string last_failure_;  // For the loop's thread alone, as the three below.
  std::string last_state_file_;
  std::map<std::string, std::string> logged_children_;
  std::map<std::string, std::string> logged_traits_;
  mutable std::mutex mutex_;
  ProgressSnapshot now_;    // Guarded by mutex_.
  bool round_ok_ = false;   // Guarded by mutex_.
  std::string round_text_;  // What the last round came to. Guarded by mutex_.
  std::string loss_;        // Why ccplaced is not connected; empty: it is. Guarded by mutex_.
  std::optional<std::chrono::steady_clock::time_point> pending_since_;  // Guarded by mutex_.
};

}  // namespace ccplace::sync

#endif  // CCPLACE_CLIENT_SYNC_APP_PROGRESS_H_
