// One host of a simulated fleet: a made-up ccplaced in process, and the real sync code over it.
#ifndef CCPLACE_TESTS_PLACEMENT_FLEET_HOST_H_
#define CCPLACE_TESTS_PLACEMENT_FLEET_HOST_H_

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "client/client.h"
#include "client/host_watcher.h"
#include "client/sync/placement/placement_session.h"
#include "client/sync/sync/sync_loop.h"

namespace ccplace::sync {

// What WatchHost says, without gRPC between.
class InProcessHost : public HostClient {
 public:
  explicit InProcessHost(std::string node_name);

  // The kernel's count from now on.
  void UseKeys(uint64_t in_use);

  std::unique_ptr<WatchStream> WatchHost(const v1::WatchHostRequest& request) override;
  absl::StatusOr<v1::HostCapabilitiesResponse> HostCapabilities(
      const v1::HostCapabilitiesRequest& request) override;
  absl::StatusOr<v1::TdxInventoryResponse> TdxInventory(
      const v1::TdxInventoryRequest& request) override;
  absl::StatusOr<v1::ValidateRequestResponse> ValidateRequest(
      const v1::ValidateRequestRequest& request) override;
  absl::StatusOr<v1::DefineTdxDomainResponse> DefineTdxDomain(
      const v1::DefineTdxDomainRequest& request) override;
  absl::StatusOr<v1::UndefineTdxDomainResponse> UndefineTdxDomain(
      const v1::UndefineTdxDomainRequest& request) override;
  absl::StatusOr<v1::ListTdxDomainsResponse> ListTdxDomains(
      const v1::ListTdxDomainsRequest& request) override;
  const std::string& address() const override { return node_name_; }

 private:
  friend class InProcessStream;
  const std::string node_name_;
  std::mutex mutex_;
  std::condition_variable changed_;
  v1::WatchHostResponse state_;  // Guarded by mutex_, as the next.
  uint64_t version_ = 0;
};

// A host, its sync, and what it cost. Thread-safe.
class FleetHost : public SyncObserver {
 public:
  FleetHost(const std::string& node_name, const CloudConfig& cloud, const LoopOptions& options);
  ~FleetHost() override;

  void OnRound(const SyncReport& report, std::chrono::steady_clock::time_point since) override;

  // Changes the host, and notes when.
  void Change(uint64_t in_use);
  // Seconds from each change that Placement took to the answer of its write; empties the list.
  std::vector<double> TakeDelays();
  bool in_sync() const;  // Has been, once.
  uint64_t requests() const;
  uint64_t first_sync_requests() const;  // Until it was in sync for the first time.
  uint64_t failures() const;
  absl::Status last_failure() const;  // Of the newest round that failed; OK: none did.

 private:
  InProcessHost host_;
  std::unique_ptr<PlacementSession> placement_;
  std::unique_ptr<HostSync> sync_;
  std::unique_ptr<SyncLoop> loop_;
  std::unique_ptr<HostWatcher> watcher_;
  mutable std::mutex mutex_;
  // Guarded by mutex_:
  bool in_sync_ = false;
  uint64_t requests_ = 0;
  uint64_t first_sync_requests_ = 0;
  uint64_t failures_ = 0;
  absl::Status last_failure_;
  std::optional<std::chrono::steady_clock::time_point> changed_at_;
  std::vector<double> delays_s_;
  std::thread loop_thread_;
  std::thread watch_thread_;
};

}  // namespace ccplace::sync

#endif  // CCPLACE_TESTS_PLACEMENT_FLEET_HOST_H_
