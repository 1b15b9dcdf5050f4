#include "lib/hypervisor/simulated_hypervisor.h"

#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <thread>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "lib/base/status.h"
#include "lib/base/text.h"
#include "lib/hypervisor/definition_xml.h"
#include "lib/hypervisor/event_listener.h"

namespace ccplace {
namespace {

// What QEMU says when the TDX module has no KeyID left (misc cgroup: ENOSPC).
constexpr absl::string_view kNoKeyLeft =
    "internal error: process exited while connecting to monitor: ioctl(KVM_TDX_INIT_VM) failed: "
    "No space left on device";

absl::Status NotFoundFor(absl::string_view what) {
  return absl::NotFoundError(absl::StrCat("no domain ", Quoted(what)));
}

bool Runs(const DomainDescription& domain) { return domain.state == v1::DOMAIN_STATE_RUNNING; }

}  // namespace

class SimulatedHypervisor::State {
 public:
  explicit State(SimulatedHost simulated) : host(std::move(simulated)) {
    events_thread_ = std::thread([this] { SendEvents(); });
  }
  ~State();

  // What every call begins with: waits while stalled; UNAVAILABLE while disconnected. The lock is
  // held when it returns.
  absl::Status Enter(std::unique_lock<std::mutex>& lock);
  // Needs the lock.
  void Queue(HypervisorEvent event);
  uint64_t KeysInUse() const;
  absl::StatusOr<DomainIdentity> Identify(const std::string& xml) const;
  absl::Status StartIt(const std::string& uuid);
  // Needs to be without the lock.
  void TellKeysInUse();

  struct Domain {
    DomainDescription description;
    bool is_trust_domain = false;
  };

  const SimulatedHost host;
  mutable std::mutex mutex;
  std::condition_variable resumed;
  std::map<std::string, Domain> domains;  // By uuid.
  std::string next_start_failure;
  bool stalled = false;
  bool disconnected = false;
  uint64_t calls = 0;

  EventListener listener;
  std::mutex hook_mutex;  // Taken before `mutex`: counts reach the hook in the order they came.
  std::function<void(uint64_t)> hook;

 private:
  void SendEvents();

  std::condition_variable event_came_;
  std::deque<HypervisorEvent> events_;
  bool stopping_ = false;
  std::thread events_thread_;
};

SimulatedHypervisor::State::~State() {
  {
    const std::lock_guard<std::mutex> lock(mutex);
    stopping_ = true;
    event_came_.notify_one();
  }
  events_thread_.join();
}

absl::Status SimulatedHypervisor::State::Enter(std::unique_lock<std::mutex>& lock) {
  lock = std::unique_lock<std::mutex>(mutex);
  ++calls;
  resumed.wait(lock, [this] { return !stalled; });
  if (disconnected) return absl::UnavailableError("the simulated libvirt is disconnected");
  return absl::OkStatus();
}

void SimulatedHypervisor::State::Queue(HypervisorEvent event) {
  events_.push_back(event);
  event_came_.notify_one();
}

void SimulatedHypervisor::State::SendEvents() {
  std::unique_lock<std::mutex> lock(mutex);
  while (!stopping_) {
    if (events_.empty()) {
      event_came_.wait(lock);
      continue;
    }
    const HypervisorEvent event = events_.front();
    events_.pop_front();
    lock.unlock();
    listener.Call(event);
    lock.lock();
  }
}

uint64_t SimulatedHypervisor::State::KeysInUse() const {
  uint64_t keys = 0;
  for (const auto& [uuid, domain] : domains) {
    keys += domain.is_trust_domain && Runs(domain.description) ? 1 : 0;
  }
  return keys;
}

void SimulatedHypervisor::State::TellKeysInUse() {
  const std::lock_guard<std::mutex> hook_lock(hook_mutex);
  if (!hook) return;
  std::unique_lock<std::mutex> lock(mutex);
  const uint64_t keys = KeysInUse();
  lock.unlock();
  hook(keys);
}

absl::StatusOr<DomainIdentity> SimulatedHypervisor::State::Identify(const std::string& xml) const {
  absl::StatusOr<DomainIdentity> identity = ReadDomainIdentity(xml);
  if (!identity.ok()) return absl::FailedPreconditionError(identity.status().message());
  if (identity->uuid.empty()) {
    return absl::FailedPreconditionError("the simulated libvirt makes no uuid; state one");
  }
  for (const auto& [uuid, domain] : domains) {
    if ((uuid == identity->uuid) == (domain.description.name == identity->name)) continue;
    return absl::AlreadyExistsError(absl::StrCat("domain ", Quoted(domain.description.name),
                                                 " already exists with uuid ", uuid));
  }
  return identity;
}

absl::Status SimulatedHypervisor::State::StartIt(const std::string& uuid) {
  const auto found = domains.find(uuid);
  if (found == domains.end()) return NotFoundFor(uuid);
  Domain& domain = found->second;
  if (Runs(domain.description)) return absl::OkStatus();
  if (!next_start_failure.empty()) {
    return absl::AbortedError(std::exchange(next_start_failure, std::string()));
  }
  if (domain.is_trust_domain && KeysInUse() >= host.tdx_keys) return absl::AbortedError(kNoKeyLeft);
  domain.description.state = v1::DOMAIN_STATE_RUNNING;
  Queue(HypervisorEvent::kDomainChanged);
  return absl::OkStatus();
}

SimulatedHypervisor::SimulatedHypervisor(SimulatedHost host)
    : state_(std::make_unique<State>(std::move(host))) {}

SimulatedHypervisor::~SimulatedHypervisor() = default;

absl::StatusOr<HypervisorVersions> SimulatedHypervisor::Versions() {
  std::unique_lock<std::mutex> lock;
  const absl::Status entered = state_->Enter(lock);
  if (!entered.ok()) return entered;
  return state_->host.versions;
}

absl::StatusOr<std::string> SimulatedHypervisor::DomainCapabilitiesXml(
    const std::string& machine, const std::string& virt_type) {
  std::unique_lock<std::mutex> lock;
  const absl::Status entered = state_->Enter(lock);
  if (!entered.ok()) return entered;
  if (virt_type == "kvm" && absl::StrContains(machine, "q35")) {
    return state_->host.domain_capabilities_xml;
  }
  return absl::InvalidArgumentError(absl::StrCat("the simulated libvirt has no machine ",
                                                 Quoted(machine), " of virt type ",
                                                 Quoted(virt_type)));
}

absl::StatusOr<std::vector<DomainDescription>> SimulatedHypervisor::ListDomains() {
  std::unique_lock<std::mutex> lock;
  const absl::Status entered = state_->Enter(lock);
  if (!entered.ok()) return entered;
  std::vector<DomainDescription> descriptions;
  for (const auto& [uuid, domain] : state_->domains) descriptions.push_back(domain.description);
  return descriptions;
}

absl::StatusOr<DomainDescription> SimulatedHypervisor::FindByUuid(const std::string& uuid) {
  std::unique_lock<std::mutex> lock;
  const absl::Status entered = state_->Enter(lock);
  if (!entered.ok()) return entered;
  const auto found = state_->domains.find(uuid);
  if (found == state_->domains.end()) return NotFoundFor(uuid);
  return found->second.description;
}

absl::StatusOr<DomainDescription> SimulatedHypervisor::FindByName(const std::string& name) {
  std::unique_lock<std::mutex> lock;
  const absl::Status entered = state_->Enter(lock);
  if (!entered.ok()) return entered;
  for (const auto& [uuid, domain] : state_->domains) {
    if (domain.description.name == name) return domain.description;
  }
  return NotFoundFor(name);
}

absl::StatusOr<DomainDescription> SimulatedHypervisor::Define(const std::string& xml) {
  std::unique_lock<std::mutex> lock;
  const absl::Status entered = state_->Enter(lock);
  if (!entered.ok()) return entered;
  const absl::StatusOr<DomainIdentity> identity = state_->Identify(xml);
  if (!identity.ok()) return identity.status();
  absl::StatusOr<std::string> resolved =
      ResolveDomainXml(xml, {state_->host.machine_type, state_->host.tdx_firmware_path});
  if (!resolved.ok()) return resolved.status();
  State::Domain& domain = state_->domains[identity->uuid];
  const bool runs = Runs(domain.description);
  domain.description = {identity->uuid, identity->name,
                        runs ? v1::DOMAIN_STATE_RUNNING : v1::DOMAIN_STATE_SHUT_OFF,
                        *std::move(resolved)};
  domain.is_trust_domain = identity->is_trust_domain;
  state_->Queue(HypervisorEvent::kDomainChanged);
  return domain.description;
}

absl::Status SimulatedHypervisor::Start(const std::string& uuid) {
  std::unique_lock<std::mutex> lock;
  absl::Status status = state_->Enter(lock);
  if (status.ok()) status = state_->StartIt(uuid);
  lock.unlock();
  if (!status.ok()) return WithContext(status, absl::StrCat("start domain ", Quoted(uuid)));
  state_->TellKeysInUse();
  return status;
}

absl::Status SimulatedHypervisor::Stop(const std::string& uuid) {
  std::unique_lock<std::mutex> lock;
  absl::Status entered = state_->Enter(lock);
  if (!entered.ok()) return entered;
  const auto found = state_->domains.find(uuid);
  if (found == state_->domains.end()) return NotFoundFor(uuid);
  if (!Runs(found->second.description)) return absl::OkStatus();
  found->second.description.state = v1::DOMAIN_STATE_SHUT_OFF;
  state_->Queue(HypervisorEvent::kDomainChanged);
  lock.unlock();
  state_->TellKeysInUse();
  return absl::OkStatus();
}

absl::Status SimulatedHypervisor::Undefine(const std::string& uuid) {
  std::unique_lock<std::mutex> lock;
  absl::Status entered = state_->Enter(lock);
  if (!entered.ok()) return entered;
  const auto found = state_->domains.find(uuid);
  if (found == state_->domains.end()) return absl::OkStatus();
  if (Runs(found->second.description)) {
    return absl::FailedPreconditionError(
        absl::StrCat("undefine domain ", Quoted(uuid), ": it runs; stop it first"));
  }
  state_->domains.erase(found);
  state_->Queue(HypervisorEvent::kDomainChanged);
  return absl::OkStatus();
}

void SimulatedHypervisor::SetListener(std::function<void(HypervisorEvent)> listener) {
  state_->listener.Set(std::move(listener));
}

void SimulatedHypervisor::SetKeysInUseHook(std::function<void(uint64_t)> hook) {
  {
    const std::lock_guard<std::mutex> lock(state_->hook_mutex);
    state_->hook = std::move(hook);
  }
  state_->TellKeysInUse();
}

void SimulatedHypervisor::FailNextStart(std::string text) {
  const std::lock_guard<std::mutex> lock(state_->mutex);
  state_->next_start_failure = std::move(text);
}

void SimulatedHypervisor::Stall() {
  const std::lock_guard<std::mutex> lock(state_->mutex);
  state_->stalled = true;
}

void SimulatedHypervisor::Resume() {
  const std::lock_guard<std::mutex> lock(state_->mutex);
  state_->stalled = false;
  state_->resumed.notify_all();
}

void SimulatedHypervisor::Disconnect() {
  const std::lock_guard<std::mutex> lock(state_->mutex);
  state_->disconnected = true;
  state_->Queue(HypervisorEvent::kConnectionLost);
}

void SimulatedHypervisor::Reconnect() {
  const std::lock_guard<std::mutex> lock(state_->mutex);
  state_->disconnected = false;
}

uint64_t SimulatedHypervisor::calls() const {
  const std::lock_guard<std::mutex> lock(state_->mutex);
  return state_->calls;
}

}  // namespace ccplace
