// Readings of the host: its files, and libvirt. BuildSnapshot makes of both what readers share.
#ifndef CCPLACE_LIB_CAPABILITY_FACTS_FACTS_H_
#define CCPLACE_LIB_CAPABILITY_FACTS_FACTS_H_

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "ccplace/v1/capability.pb.h"
#include "ccplace/v1/domain.pb.h"
#include "lib/capability/facts/firmware_inquiry.h"
#include "lib/capability/facts/firmware_measurer.h"
#include "lib/domain/parsed_domain_cache.h"
#include "lib/host/distribution.h"
#include "lib/host/firmware.h"
#include "lib/host/kernel_config.h"
#include "lib/host/kernel_facts.h"
#include "lib/host/machine_facts.h"
#include "lib/host/misc_cgroup.h"
#include "lib/host/nova_config.h"
#include "lib/host/quote_service.h"
#include "lib/host/socket_access.h"
#include "lib/host/tdx_module.h"
#include "lib/hypervisor/capabilities_xml.h"
#include "lib/hypervisor/domain_capabilities.h"
#include "lib/hypervisor/hypervisor.h"

namespace ccplace {

// How guests of this host are made.
struct GuestPolicy {
  std::string cpu_mode = "host-passthrough";
  std::string virt_type = "kvm";
  std::string default_machine_type = "q35";
  std::string quote_service_path = kDefaultQuoteSocket;
};

// What is asked of the host.
struct FactOptions : GuestPolicy {
  std::vector<std::string> nova_config;  // As ReadNovaConfig's paths. Empty: not asked for.
  // Architecture where the kernel does not say it in a file: RunningMachine() outside of tests.
  std::string running_machine;
};

// One reading of the host's files. A plain value.
struct HostFileFacts {
  uint64_t number = 0;  // Of the reading in full, from 1; 0: none yet, or not counted.
  KernelFacts kernel;
  MiscCgroup keys;
  MachineFacts machine;
  // Where the kernel's configuration is known: options that it was built without, of models whose
  // parameter is absent; and the file that says so.
  std::set<std::string> missing_kernel_options;
  std::string kernel_config_path;
  Distribution distribution = Distribution::kOther;
  FirmwareCatalog firmware = {{}, {absl::UnknownError("not read yet")}};
  FirmwareMeasurements measurements;  // Of TDX firmware; empty until FirmwareMeasurer had a turn.
  // The configuration of nova-compute; nothing: not asked for.
  std::optional<absl::StatusOr<NovaConfig>> nova;
  SocketAccess quote_socket;  // Of the Quote Generation Service.
  // OK: that socket took a connection.
  absl::Status quote_service = absl::UnknownError("not read yet");
};

// Reads all of it. Never fails as a whole: each fact holds why it could not be read. May take as
// long as the file system does.
HostFileFacts ReadHostFileFacts(const HostFiles& files, const FactOptions& options);

// Brings up to date what the kernel can change at any moment and announces to nobody: module
// parameters and key counts.
void RereadKernel(const HostFiles& files, const FactOptions& options, HostFileFacts& facts);

// A domain and what its XML says.
struct DomainFacts {
  std::string uuid;
  std::string name;
  v1::DomainState state = v1::DOMAIN_STATE_UNSPECIFIED;
  ParsedDomainCache::ParsedDomain parsed;  // Its XML in force.
};

// One reading of the hypervisor. A plain value, cheap to copy.
struct HypervisorFacts {
  HypervisorVersions versions;
  // INVALID_ARGUMENT: libvirt offers no guest of the policy's machine and virt type. Any other
  // error: it did not answer, or (INTERNAL) its answer cannot be parsed.
  absl::StatusOr<DomainCapabilities> domain_capabilities = absl::UnknownError("not read yet");
  FirmwareAnswersByModel firmware;  // Of what domain_capabilities offers.
  absl::StatusOr<QemuUser> qemu_user = absl::UnknownError("not read yet");
  MachineAliases machine_aliases;  // Empty: libvirt told none.
  std::vector<DomainFacts> domains;
};

// What libvirt's capabilities say of the host.
struct LibvirtHost {
  absl::StatusOr<QemuUser> qemu_user = absl::UnknownError("not read yet");
  MachineAliases machine_aliases;
};

// Remembers what was parsed and answered, so that XML which did not change is not parsed again, and
// libvirt not asked again. Thread-safe.
class FactCache {
 public:
  // `parsed_domains` may be shared with others that read domains' XML.
  explicit FactCache(std::shared_ptr<ParsedDomainCache> parsed_domains);

  // The same as ParseDomainCapabilities.
  absl::StatusOr<DomainCapabilities> Capabilities(const std::string& xml);
  // What the domain's XML says.
  DomainFacts Domain(DomainDescription description);
  // The same of all domains; forgets those that are not in `descriptions`.
  std::vector<DomainFacts> Domains(std::vector<DomainDescription> descriptions);

  FirmwareInquiry& firmware() { return firmware_; }

  // Read anew for each connection (libvirtd reads qemu.conf when it starts) and each version of
  // QEMU (which brings machine types of its own).
  absl::StatusOr<LibvirtHost> Host(Hypervisor& hypervisor, const HypervisorVersions& versions);

 private:
  FirmwareInquiry firmware_;
  HypervisorVersions host_versions_;  // Of host_; connection 0: none was read.
  LibvirtHost host_;
  const std::shared_ptr<ParsedDomainCache> parsed_domains_;
  std::mutex mutex_;
  std::string capabilities_xml_;
  absl::StatusOr<DomainCapabilities> capabilities_ = absl::UnknownError("not read yet");
};

// Reads all of it. Blocks for as long as libvirt does. Fails as a whole, with libvirt's own code,
// when versions or domains cannot be had, and when libvirt does not answer (UNAVAILABLE,
// DEADLINE_EXCEEDED, or RESOURCE_EXHAUSTED over a question). One domain that cannot be read leaves
// why in `parsed`.
absl::StatusOr<HypervisorFacts> ReadHypervisorFacts(Hypervisor& hypervisor,
                                                    const FactOptions& options, FactCache& cache);

// `known` with its domains read again. Blocks and fails as ReadHypervisorFacts does.
absl::StatusOr<HypervisorFacts> RereadDomains(Hypervisor& hypervisor, FactCache& cache,
                                              HypervisorFacts known);

// `known` with `domain` in it, in place of the one of the same uuid if there is one.
HypervisorFacts WithDomain(HypervisorFacts known, DomainFacts domain);

// The daemon's configuration as far as it takes part in verdicts and figures.
struct CapabilityOptions : GuestPolicy {
  std::string node_name;
  std::string daemon_version;
  std::map<std::string, std::string> renamed_traits;  // As HostPolicy.renamed_traits.
  std::string tdx_key_class = "MEM_ENCRYPTION_CONTEXT";
  v1::RequestDialect request_dialect = v1::REQUEST_DIALECT_NOVA;
  bool allow_debug = false;
  bool simulated = false;
  bool require_attestation = false;
  std::vector<TdxModuleVersion> tdx_min_module_versions;  // One a line at most.
  std::optional<uint64_t> tdx_guest_limit;                // Nothing: no limit but the kernel's.
  std::optional<uint64_t> sev_guest_limit;                // The same of amd-sev ...
  std::optional<uint64_t> sev_es_guest_limit;  // ... and of amd-sev-es and amd-sev-snp together.
  uint64_t tdx_reserved_keys = 0;
  // Where the four that nova.conf can state were taken from.
  std::string cpu_mode_source = "--cpu_mode";
  std::string virt_type_source = "--virt_type";
  std::string machine_type_source = "--default_machine_type";
  std::string tdx_guest_limit_source = "--tdx_guest_limit";
};

// Takes from nova.conf what the daemon's own options leave open: `stated` are the names of those
// that they do not, as "cpu_mode". `nova` failed: nothing is taken.
void TakeFromNova(const absl::StatusOr<NovaConfig>& nova, const std::set<std::string>& stated,
                  CapabilityOptions& options);

}  // namespace ccplace

#endif  // CCPLACE_LIB_CAPABILITY_FACTS_FACTS_H_
