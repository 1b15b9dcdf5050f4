// The hypervisor behind libvirt's own client library.
#ifndef CCPLACE_LIB_HYPERVISOR_LIBVIRT_HYPERVISOR_H_
#define CCPLACE_LIB_HYPERVISOR_LIBVIRT_HYPERVISOR_H_

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "lib/hypervisor/hypervisor.h"

namespace ccplace {

class LibvirtConnector;

struct LibvirtOptions {
  // As libvirt spells it: "qemu:///system", "qemu+unix:///system?socket=/path", "test:///default".
  // Empty: QEMU's driver of the host below host_root, as libvirt_uri.h says.
  std::string uri;
  std::string host_root = "/";  // Absolute, without "..".
  // A peer that answers no keepalive for keepalive_interval * (keepalive_count + 1) is given up.
  // libvirtd answers these from its main loop, so one that is busy (it can probe QEMU for minutes)
  // is not given up; one that is stopped or cut off is. Interval 0: never.
  std::chrono::seconds keepalive_interval{10};
  unsigned keepalive_count = 5;
  // How long a call waits for another one that is connecting, before it answers UNAVAILABLE: one
  // call at most is caught in a connect that hangs.
  std::chrono::milliseconds connect_wait{2000};
};

// Talks to libvirt 9.0 and later. Connects on the first call and again after a loss. Thread-safe;
// libvirt's event loop runs on one thread per process, from the first object made to the end.
//
// Versions, DomainCapabilitiesXml, CapabilitiesXml and ListDomains share one connection, so let one
// thread at a time read; every other call has a connection of its own while it is under way, of
// which as many are kept as were ever needed at once. A call that takes long (a start) holds up no
// other.
//
// ListDomains costs one round trip and one more for each domain whose XML is not known yet: it is
// kept until libvirt says that the domain was defined, undefined, started, stopped or given other
// metadata, and for no longer than the connection. FindByUuid and FindByName always ask.
class LibvirtHypervisor final : public Hypervisor {
 public:
  // Loads libvirt's client library, which every connection needs. Without it every call fails with
  // UNAVAILABLE; this says why before: FAILED_PRECONDITION.
  static absl::Status Load();

  explicit LibvirtHypervisor(LibvirtOptions options);
  // No call may be under way. Closes the connection in the background: a stopped libvirtd would
  // hold it up.
  ~LibvirtHypervisor() override;

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

 private:
  const std::unique_ptr<LibvirtConnector> connector_;
};

}  // namespace ccplace

#endif  // CCPLACE_LIB_HYPERVISOR_LIBVIRT_HYPERVISOR_H_
