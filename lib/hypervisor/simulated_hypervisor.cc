#include "lib/hypervisor/simulated_hypervisor.h"

#include <condition_variable>
#include <mutex>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "lib/base/status.h"
#include "lib/base/text.h"
#include "lib/hypervisor/event_listener.h"
#include "lib/hypervisor/simulated_domains.h"

namespace ccplace {
namespace embedded {

// Made from the file by ccplace_embed (cmake/CcplaceEmbed.cmake).
extern const char simulated_domain_capabilities[];
extern const unsigned long simulated_domain_capabilities_size;

}  // namespace embedded

absl::string_view SimulatedDomainCapabilitiesXml() {
  return absl::string_view(embedded::simulated_domain_capabilities,
                           embedded::simulated_domain_capabilities_size);
}

class SimulatedHypervisor::State {
 public:
  explicit State(SimulatedHost simulated)
      : host(std::move(simulated)),
        domains(host.tdx_keys, {host.machine_type, host.tdx_firmware_path}) {}

  // What `answer()` answers under the lock: waits while stalled; UNAVAILABLE while disconnected.
  template <typename Answer>
  auto Call(const Answer& answer) -> decltype(answer());

  // A call that may change a domain, and then sends the event of it.
  template <typename Change>
  absl::StatusOr<bool> CallToChange(const Change& change);

  // The same of a call that changes a domain whenever it is OK.
  template <typename Change>
  absl::Status CallAndTell(const Change& change);

  // Needs to be without the lock.
  void TellKeysInUse();

  const SimulatedHost host;
  mutable std::mutex mutex;
  std::condition_variable resumed;
  SimulatedDomains domains;
  bool stalled = false;
  bool disconnected = false;
  uint64_t calls = 0;
  uint64_t translations = 0;
  uint64_t connection = 1;

  std::mutex hook_mutex;  // Taken before `mutex`: counts reach the hook in the order they came.
  std::function<void(uint64_t)> hook;
  EventSender events;
};

template <typename Answer>
auto SimulatedHypervisor::State::Call(const Answer& answer) -> decltype(answer()) {
  std::unique_lock<std::mutex> lock(mutex);
  ++calls;
  resumed.wait(lock, [this] { return !stalled; });
  if (disconnected) return absl::UnavailableError("the simulated libvirt is disconnected");
  return answer();
}

template <typename Change>
absl::StatusOr<bool> SimulatedHypervisor::State::CallToChange(const Change& change) {
  return Call([this, &change]() -> absl::StatusOr<bool> {
    const absl::StatusOr<bool> changed = change();
    if (changed.ok() && *changed) events.Send(HypervisorEvent::kDomainChanged);
    return changed;
  });
}

template <typename Change>
absl::Status SimulatedHypervisor::State::CallAndTell(const Change& change) {
  return CallToChange([&change]() -> absl::StatusOr<bool> {
           const absl::Status status = change();
           if (!status.ok()) return status;
           return true;
         })
      .status();
}

void SimulatedHypervisor::State::TellKeysInUse() {
  const std::lock_guard<std::mutex> hook_lock(hook_mutex);
  if (!hook) return;
  std::unique_lock<std::mutex> lock(mutex);
  const uint64_t keys = domains.KeysInUse();
  lock.unlock();
  hook(keys);
}

SimulatedHypervisor::SimulatedHypervisor(SimulatedHost host)
    : state_(std::make_unique<State>(std::move(host))) {}

SimulatedHypervisor::~SimulatedHypervisor() = default;

absl::StatusOr<HypervisorVersions> SimulatedHypervisor::Versions() {
  return state_->Call([this]() -> absl::StatusOr<HypervisorVersions> {
    HypervisorVersions versions = state_->host.versions;
    versions.connection = state_->connection;
    return versions;
  });
}

absl::StatusOr<std::string> SimulatedHypervisor::DomainCapabilitiesXml(
    const std::string& machine, const std::string& virt_type) {
  return state_->Call([&]() -> absl::StatusOr<std::string> {
    if (virt_type == "kvm" && absl::StrContains(machine, "q35")) {
      return state_->host.domain_capabilities_xml;
    }
    return absl::InvalidArgumentError(absl::StrCat("the simulated libvirt has no machine ",
                                                   Quoted(machine), " of virt type ",
                                                   Quoted(virt_type)));
  });
}

absl::StatusOr<std::string> SimulatedHypervisor::CapabilitiesXml() {
  return state_->Call([this]() -> absl::StatusOr<std::string> {
    return absl::StrCat("<capabilities><host><secmodel><model>dac</model><baselabel type='kvm'>+",
                        state_->host.qemu_uid, ":+", state_->host.qemu_uid,
                        "</baselabel></secmodel></host></capabilities>");
  });
}

absl::StatusOr<std::vector<DomainDescription>> SimulatedHypervisor::ListDomains() {
  return state_->Call([this]() -> absl::StatusOr<std::vector<DomainDescription>> {
    return state_->domains.List();
  });
}

absl::StatusOr<DomainDescription> SimulatedHypervisor::FindByUuid(const std::string& uuid) {
  return state_->Call([&] { return state_->domains.FindByUuid(uuid); });
}

absl::StatusOr<DomainDescription> SimulatedHypervisor::FindByName(const std::string& name) {
  return state_->Call([&] { return state_->domains.FindByName(name); });
}

absl::StatusOr<FoundMetadata> SimulatedHypervisor::FindMetadata(const std::string& uuid,
                                                                const std::string& space) {
  return state_->Call([&] { return state_->domains.FindMetadata(uuid, space); });
}

absl::StatusOr<DomainDescription> SimulatedHypervisor::Define(const std::string& xml) {
  return state_->Call([&] {
    absl::StatusOr<DomainDescription> defined = state_->domains.Define(xml);
    if (defined.ok()) state_->events.Send(HypervisorEvent::kDomainChanged);
    return defined;
  });
}

absl::StatusOr<std::string> SimulatedHypervisor::TranslateToNative(const std::string& xml) {
  return state_->Call([&]() -> absl::StatusOr<std::string> {
    ++state_->translations;
    const auto resolved =
        ResolveDomainXml(xml, {state_->host.machine_type, state_->host.tdx_firmware_path});
    if (!resolved.ok()) return absl::FailedPreconditionError(resolved.status().message());
    const auto firmware = LoaderPathOf(*resolved);
    if (!firmware.ok()) return firmware.status();
    return absl::StrCat("/usr/bin/qemu-system-x86_64 -bios '", *firmware, "'\n");
  });
}

absl::Status SimulatedHypervisor::Start(const std::string& uuid) {
  const absl::StatusOr<bool> changed =
      state_->CallToChange([&] { return state_->domains.Start(uuid); });
  if (!changed.ok()) {
    return WithContext(changed.status(), absl::StrCat("start domain ", Quoted(uuid)));
  }
  if (*changed) state_->TellKeysInUse();
  return absl::OkStatus();
}

absl::StatusOr<DomainDescription> SimulatedHypervisor::SetMetadata(const std::string& uuid,
                                                                   MetadataSide side,
                                                                   const DomainMetadata& metadata) {
  return state_->Call([&] {
    auto changed = state_->domains.SetMetadata(uuid, side, metadata);
    if (changed.ok()) state_->events.Send(HypervisorEvent::kDomainChanged);
    return changed;
  });
}

absl::Status SimulatedHypervisor::Crash(const std::string& uuid) {
  return state_->CallAndTell(
      [&] { return state_->domains.SetActiveState(uuid, v1::DOMAIN_STATE_CRASHED); });
}

absl::Status SimulatedHypervisor::Pause(const std::string& uuid) {
  return state_->CallAndTell(
      [&] { return state_->domains.SetActiveState(uuid, v1::DOMAIN_STATE_PAUSED); });
}

absl::Status SimulatedHypervisor::ShutDown(const std::string& uuid) {
  return state_->CallAndTell(
      [&] { return state_->domains.SetActiveState(uuid, v1::DOMAIN_STATE_SHUTTING_DOWN); });
}

absl::Status SimulatedHypervisor::Hold(const std::string& uuid) {
  return state_->CallAndTell([&] { return state_->domains.Hold(uuid); });
}

absl::Status SimulatedHypervisor::Rename(const std::string& uuid, const std::string& name) {
  return state_->CallAndTell([&] { return state_->domains.Rename(uuid, name); });
}

absl::Status SimulatedHypervisor::DropDefinition(const std::string& uuid) {
  return state_->CallAndTell([&] { return state_->domains.DropDefinition(uuid); });
}

absl::Status SimulatedHypervisor::Stop(const std::string& uuid) {
  const absl::StatusOr<bool> changed =
      state_->CallToChange([&] { return state_->domains.Stop(uuid); });
  if (changed.ok() && *changed) state_->TellKeysInUse();
  return changed.status();
}

absl::Status SimulatedHypervisor::Undefine(const std::string& uuid) {
  return state_->CallToChange([&] { return state_->domains.Undefine(uuid); }).status();
}

void SimulatedHypervisor::SetListener(std::function<void(HypervisorEvent)> listener) {
  state_->events.SetListener(std::move(listener));
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
  state_->domains.FailNextStart(std::move(text));
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
  state_->events.Send(HypervisorEvent::kConnectionLost);
}

void SimulatedHypervisor::Reconnect() {
  const std::lock_guard<std::mutex> lock(state_->mutex);
  state_->disconnected = false;
  ++state_->connection;
}

uint64_t SimulatedHypervisor::translations() const {
  const std::lock_guard<std::mutex> lock(state_->mutex);
  return state_->translations;
}

uint64_t SimulatedHypervisor::calls() const {
  const std::lock_guard<std::mutex> lock(state_->mutex);
  return state_->calls;
}

}  // namespace ccplace
