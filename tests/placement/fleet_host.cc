#include "tests/placement/fleet_host.h"

#include <cstdio>
#include <cstdlib>
#include <functional>
#include <utility>

namespace ccplace::sync {
namespace {

constexpr uint64_t kKeys = 63;

absl::Status NotPlayed() { return absl::UnimplementedError("not played here"); }

}  // namespace

// The states of one host, the latest each time.
class InProcessStream : public WatchStream {
 public:
  explicit InProcessStream(InProcessHost* host) : host_(host) {}

  std::optional<v1::WatchHostResponse> Next() override {
    std::unique_lock<std::mutex> lock(host_->mutex_);
    host_->changed_.wait(lock, [this] { return cancelled_ || host_->version_ > seen_; });
    if (cancelled_) return std::nullopt;
    seen_ = host_->version_;
    return host_->state_;
  }

  absl::Status status() override { return absl::CancelledError("cancelled"); }

  void Cancel() override {
    const std::lock_guard<std::mutex> lock(host_->mutex_);
    cancelled_ = true;
    host_->changed_.notify_all();
  }

 private:
  InProcessHost* const host_;
  uint64_t seen_ = 0;
  bool cancelled_ = false;
};

InProcessHost::InProcessHost(std::string node_name) : node_name_(std::move(node_name)) {
  v1::HostCapabilities& host = *state_.mutable_capabilities();
  host.set_node_name(node_name_);
  for (int model = v1::ENCRYPTION_MODEL_INTEL_TDX; model <= v1::ENCRYPTION_MODEL_AMD_SEV_SNP;
       ++model) {
    v1::ModelCapability& capability = *host.add_models();
    capability.set_model(static_cast<v1::EncryptionModel>(model));
    capability.set_verdict(v1::SUPPORT_UNSUPPORTED);
  }
  host.mutable_models(0)->set_verdict(v1::SUPPORT_SUPPORTED);
  host.mutable_models(0)->mutable_keys()->mutable_total()->set_value(kKeys);
  UseKeys(0);
}

void InProcessHost::UseKeys(uint64_t in_use) {
  const std::lock_guard<std::mutex> lock(mutex_);
  v1::KeyInventory& keys = *state_.mutable_capabilities()->mutable_models(0)->mutable_keys();
  keys.mutable_in_use()->set_value(in_use);
  keys.mutable_unaccounted()->set_value(in_use);
  ++version_;
  changed_.notify_all();
}

std::unique_ptr<WatchStream> InProcessHost::WatchHost(const v1::WatchHostRequest&) {
  return std::make_unique<InProcessStream>(this);
}

absl::StatusOr<v1::HostCapabilitiesResponse> InProcessHost::HostCapabilities(
    const v1::HostCapabilitiesRequest&) {
  return NotPlayed();
}
absl::StatusOr<v1::TdxInventoryResponse> InProcessHost::TdxInventory(
    const v1::TdxInventoryRequest&) {
  return NotPlayed();
}
absl::StatusOr<v1::ValidateRequestResponse> InProcessHost::ValidateRequest(
    const v1::ValidateRequestRequest&) {
  return NotPlayed();
}
absl::StatusOr<v1::DefineTdxDomainResponse> InProcessHost::DefineTdxDomain(
    const v1::DefineTdxDomainRequest&) {
  return NotPlayed();
}
absl::StatusOr<v1::UndefineTdxDomainResponse> InProcessHost::UndefineTdxDomain(
    const v1::UndefineTdxDomainRequest&) {
  return NotPlayed();
}
absl::StatusOr<v1::ListTdxDomainsResponse> InProcessHost::ListTdxDomains(
    const v1::ListTdxDomainsRequest&) {
  return NotPlayed();
}

FleetHost::FleetHost(const std::string& node_name, const CloudConfig& cloud,
                     const LoopOptions& options)
    : host_(node_name) {
  auto placement = PlacementSession::Open(cloud);
  if (!placement.ok()) {
    std::fprintf(stderr, "%s\n", placement.status().ToString().c_str());
    std::exit(1);
  }
  placement_ = *std::move(placement);
  HostSyncOptions sync_options;
  sync_options.seed = options.seed;
  sync_options.sleep = [](std::chrono::milliseconds time) {
    std::this_thread::sleep_for(time);
    return true;
  };
  sync_ = std::make_unique<HostSync>(&placement_->rest(), sync_options);
  loop_ = std::make_unique<SyncLoop>(sync_.get(), this, options);
  watcher_ = std::make_unique<HostWatcher>(
      &host_, Backoff(options.first_retry, options.max_retry_interval, options.seed));
  loop_thread_ = std::thread([this] { loop_->Run(); });
  watch_thread_ = std::thread([this] {
    HostWatcher::Events events;
    events.on_state = [this](const v1::WatchHostResponse& state) {
      loop_->Offer(state);
      return true;
    };
    const absl::Status ended = watcher_->Run(events);
    if (!ended.ok()) std::fprintf(stderr, "%s\n", ended.ToString().c_str());
  });
}

FleetHost::~FleetHost() {
  watcher_->Stop();
  loop_->Stop();
  watch_thread_.join();
  loop_thread_.join();
}

void FleetHost::OnRound(const SyncReport& report, std::chrono::steady_clock::time_point since) {
  const std::lock_guard<std::mutex> lock(mutex_);
  requests_ = 0;
  for (const auto& [key, count] : placement_->rest().counts()) requests_ += count;
  if (!report.status.ok()) {
    ++failures_;
    last_failure_ = report.status;
  }
  if (report.status.ok() && !in_sync_) first_sync_requests_ = requests_;
  in_sync_ = in_sync_ || report.status.ok();
  const bool told = report.status.ok() && changed_at_.has_value() && since >= *changed_at_;
  if (!told) return;
  const auto delay = std::chrono::steady_clock::now() - *changed_at_;
  delays_s_.push_back(std::chrono::duration<double>(delay).count());
  changed_at_.reset();
}

void FleetHost::Change(uint64_t in_use) {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    changed_at_ = std::chrono::steady_clock::now();
  }
  host_.UseKeys(in_use);
}

std::vector<double> FleetHost::TakeDelays() {
  const std::lock_guard<std::mutex> lock(mutex_);
  return std::exchange(delays_s_, {});
}

bool FleetHost::in_sync() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return in_sync_;
}

uint64_t FleetHost::requests() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return requests_;
}

uint64_t FleetHost::first_sync_requests() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return first_sync_requests_;
}

uint64_t FleetHost::failures() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return failures_;
}

absl::Status FleetHost::last_failure() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return last_failure_;
}

}  // namespace ccplace::sync
