// A hypervisor in memory: for --simulate, and the fake of every test.
#ifndef CCPLACE_LIB_HYPERVISOR_SIMULATED_HYPERVISOR_H_
#define CCPLACE_LIB_HYPERVISOR_SIMULATED_HYPERVISOR_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "lib/hypervisor/hypervisor.h"

namespace ccplace {

// What libvirt 12.8 with QEMU 11.1 printed of machine q35 and virt type kvm on a TDX host, whole
// (data/libvirt-12.8-qemu-11.1-kvm-q35-tdx.xml). Lives as long as the program. Thread-safe.
absl::string_view SimulatedDomainCapabilitiesXml();

struct SimulatedHost {
  uint64_t tdx_keys = 63;               // A trust domain holds one while it runs.
  std::string domain_capabilities_xml;  // Answered for virt type "kvm" and any q35 machine.
  HypervisorVersions versions{"12.8.0", "11.1.3"};
  uint32_t qemu_uid = 64055;                 // Debian's libvirt-qemu; the same gid.
  std::string machine_type = "pc-q35-11.1";  // What "q35" resolves to.
  std::string tdx_firmware_path = "/usr/share/ovmf/OVMF.inteltdx.ms.fd";
};

// Holds domains as libvirt does: rewrites a definition as it resolves it (machine type, firmware),
// refuses a name or uuid that belongs to another, and lets a start take a key. Thread-safe. The
// listener is called on a thread of its own.
class SimulatedHypervisor final : public Hypervisor {
 public:
  explicit SimulatedHypervisor(SimulatedHost host);
  ~SimulatedHypervisor() override;

  absl::StatusOr<HypervisorVersions> Versions() override;
  absl::StatusOr<std::string> DomainCapabilitiesXml(const std::string& machine,
                                                    const std::string& virt_type) override;
  absl::StatusOr<std::string> CapabilitiesXml() override;
  absl::StatusOr<std::vector<DomainDescription>> ListDomains() override;
  absl::StatusOr<DomainDescription> FindByUuid(const std::string& uuid) override;
  absl::StatusOr<DomainDescription> FindByName(const std::string& name) override;
  absl::StatusOr<FoundMetadata> FindMetadata(const std::string& uuid,
                                             const std::string& space) override;
  absl::StatusOr<DomainDescription> Define(const std::string& xml) override;
  absl::StatusOr<std::string> TranslateToNative(const std::string& xml) override;
  absl::Status Start(const std::string& uuid) override;
  absl::StatusOr<DomainDescription> SetMetadata(const std::string& uuid, MetadataSide side,
                                                const DomainMetadata& metadata) override;
  absl::Status Stop(const std::string& uuid) override;
  absl::Status Undefine(const std::string& uuid) override;
  void SetListener(std::function<void(HypervisorEvent)> listener) override;

  // Has `hook` called with the number of trust domains that run, now and after each change, before
  // the call that changed it returns: what the kernel's misc.current would say. It must not call
  // back into this object.
  void SetKeysInUseHook(std::function<void(uint64_t)> hook);

  // What others do to a domain, with its event. NOT_FOUND; FAILED_PRECONDITION: libvirt refuses it.
  absl::Status Crash(const std::string& uuid);  // The guest panics, with on_crash preserve.
  absl::Status Pause(const std::string& uuid);
  absl::Status ShutDown(const std::string& uuid);  // Begins to; it ends with Stop.
  absl::Status Hold(const std::string& uuid);      // Its QEMU answers no more, until Stop.
  absl::Status Rename(const std::string& uuid, const std::string& name);
  absl::Status DropDefinition(const std::string& uuid);  // An active one becomes transient.

  // What goes wrong from now on.
  void FailNextStart(std::string text);  // The next start fails as libvirt does, with this text.
  void Stall();                          // Every call blocks, as with a stopped libvirtd ...
  void Resume();                         // ... until this.
  void Disconnect();                     // Every call is UNAVAILABLE, the listener is called ...
  void Reconnect();                      // ... until this.
  // Calls that began since the start, those under way included.
  uint64_t calls() const;
  uint64_t translations() const;  // The same of TranslateToNative alone.

 private:
  class State;
  const std::unique_ptr<State> state_;
};

}  // namespace ccplace

#endif  // CCPLACE_LIB_HYPERVISOR_SIMULATED_HYPERVISOR_H_
