// Makes Placement true for one host, as often as it is asked to.
#ifndef CCPLACE_CLIENT_SYNC_SYNC_HOST_SYNC_H_
#define CCPLACE_CLIENT_SYNC_SYNC_HOST_SYNC_H_

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "ccplace/v1/capability.pb.h"
#include "client/sync/placement/placement_rest.h"
#include "client/sync/placement/provider_reader.h"
#include "client/sync/sync/overwritten_children.h"
#include "client/sync/sync/removed_children.h"
#include "lib/placement/plan.h"

namespace ccplace::sync {

struct HostSyncOptions {
  NovaPolicy nova;
  RootQuery root;        // Empty: the provider called as the host calls itself (node_name).
  bool dry_run = false;  // Read and plan, write nothing.
  uint64_t seed = 0;     // Of the jitter between attempts.
  // Set by any thread when a person wants children that others removed to be made again, and what
  // others overwrote to be set again; the next round does so and clears it. Null: nobody asks. Must
  // outlive the HostSync.
  std::atomic<bool>* make_removed_again = nullptr;
  // Where removals are remembered over a restart. Empty: they are not.
  std::string state_file;
  // Sleeps for that long; false: stop now.
  std::function<bool(std::chrono::milliseconds)> sleep;
};

// What one round came to.
struct SyncReport {
  // OK: Placement has what the host says, apart from children that are not ours. NOT_FOUND: waiting
  // for nova to make the root. Else the failure; the round is to be tried again.
  absl::Status status;
  std::vector<Step> steps;         // Done, in order; of a dry run: those to do.
  std::vector<ChildStatus> notes;  // One for each child. Empty where nothing could be planned.
  uint64_t conflicts = 0;          // Writes that came too late and were planned again.
  uint64_t removed = 0;            // Children of ours that somebody else removed.
  uint64_t overwritten = 0;        // Children of ours whose figures somebody else changed.
  bool quiet = false;              // A Check that found everything as it was left.
  // Why removals are not remembered over a restart, though they should be. OK: they are.
  absl::Status state_file;
  // Traits that this Placement does not know, and the names used instead.
  std::map<std::string, std::string> renamed_traits;
};

// For one thread. Remembers what Placement held after its last round, so that a round with nothing
// new costs a read at most.
class HostSync {
 public:
  // `placement` must outlive it.
  HostSync(PlacementRest* placement, HostSyncOptions options);

  // A round for the host's new answers.
  SyncReport Sync(const v1::HostCapabilities& capabilities);

  // A round without news: one read, of each child of ours or nova 34's and of the tree in turn, and
  // more only when somebody changed something, or nova promises more than the host has.
  // `capabilities` are those of the last Sync.
  SyncReport Check(const v1::HostCapabilities& capabilities);

 private:
  SyncReport Round(const v1::HostCapabilities& capabilities, SyncReport report);
  // One attempt. ABORTED: Placement changed meanwhile, try again from a re-read.
  absl::Status Attempt(const v1::HostCapabilities& capabilities, SyncReport& report);
  absl::Status ReadRoot(const v1::HostCapabilities& capabilities, SyncReport& report);
  // Whether nova allocated or released since, where its promise looks larger than what is free. 1
  // read for each such child, 3 more where it did.
  absl::StatusOr<bool> LookAtAllocations(const Plan& plan);
  // The one read of a Check.
  absl::StatusOr<TreeChange> CheckNext();
  absl::StatusOr<std::vector<ChildProvider>> Desired(const v1::HostCapabilities& capabilities);
  // Finds out whether a child's usual trait is unknown here, from the child itself.
  absl::Status LearnFromChildren(std::vector<ChildProvider>& desired);
  // Makes those that can be made, and other names for the rest. learnt_: there were some.
  absl::Status ResolveTraitAliases(const std::vector<std::string>& traits);
  absl::Status LearnResourceClass(const std::string& resource_class);
  void ApplyTraitAliases(ChildProvider& child) const;
  // Does what can be done; the first failure. A child that fails does not stop the others.
  absl::Status Execute(const Plan& plan, SyncReport& report);
  // ALREADY_EXISTS: somebody else's provider has the name of the one to be created, or ours has
  // another name.
  absl::Status CheckNameIsFree(const Step& step);
  absl::Status CheckUuidIsFree(const Step& step);
  absl::Status Do(const Step& step);
  absl::Status DoSetTraits(const Step& step, ObservedProvider& child);
  absl::Status DoSetInventory(const Step& step, ObservedProvider& child);
  absl::Status DoRemoveInventory(const Step& step, ObservedProvider& child);
  absl::Status DoCreate(const Step& step);
  absl::Status DoDelete(const Step& step);
  ObservedProvider* FindChild(const std::string& uuid);
  bool Pause(int attempt);
  // Reads what was remembered, the first time.
  void LoadRemovals();
  // Writes what changed.
  void SaveRemovals();

  PlacementRest* const placement_;
  const HostSyncOptions options_;
  std::mt19937_64 random_;
  std::optional<ObservedTree> tree_;                  // Nothing: to be read.
  std::map<std::string, std::string> trait_aliases_;  // Of traits that Placement does not know.
  bool learnt_ = false;  // What was read still holds, but the plan must be made anew.
  size_t next_check_ = 0;
  RemovedChildren removed_;
  OverwrittenChildren overwritten_;
  RemovalCounts saved_removals_;  // What the state file holds.
  absl::Status state_file_;
  bool loaded_ = false;
};

}  // namespace ccplace::sync

#endif  // CCPLACE_CLIENT_SYNC_SYNC_HOST_SYNC_H_
