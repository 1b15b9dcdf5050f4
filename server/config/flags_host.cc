// Flags: the host, and the policy for it.
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "server/config/flags.h"

namespace ccplace {
namespace {

// Paths with commas between; the flag may be repeated.
struct Paths {
  std::vector<std::string> paths;
};

// Abseil begins with the default each time a flag is given, so what came before is kept here.
bool AbslParseFlag(absl::string_view text, Paths* flag, std::string*) {
  static std::vector<std::string>& given = *new std::vector<std::string>;
  for (const absl::string_view path : absl::StrSplit(text, ',', absl::SkipEmpty())) {
    given.emplace_back(path);
  }
  flag->paths = given;
  return true;
}

std::string AbslUnparseFlag(const Paths& flag) { return absl::StrJoin(flag.paths, ","); }

}  // namespace
}  // namespace ccplace

ABSL_FLAG(bool, simulate, false,
          "Serve a simulated TDX host, with domains in memory: nothing of this host is read or "
          "changed. Every answer says so.");
ABSL_FLAG(std::string, libvirt_uri, "",
          "libvirt connection, as virsh -c takes it. Empty: qemu:///system of the host below "
          "--host_root, by the socket that is there: virtqemud-sock (modular daemons) or "
          "libvirt-sock.");
ABSL_FLAG(std::string, host_root, "/",
          "Folder under which the host's file system is mounted: \"/\" outside of a container.");
ABSL_FLAG(
    std::string, node_name, "",
    "This host's name in answers. Empty: the system's own; of a simulated host, simulated-host.");
ABSL_FLAG(
    ccplace::Paths, nova_config, {},
    "nova-compute's configuration: files and folders as it is started with them, in their "
    "order, with commas between or the option repeated, as /etc/nova/nova.conf. What the next "
    "four options leave open is taken from there, and every difference is reported. Nothing "
    "else in these files is kept.");
ABSL_FLAG(std::optional<std::string>, cpu_mode, std::nullopt,
          "CPU mode that this host gives to guests, as nova's [libvirt]cpu_mode: host-passthrough, "
          "host-model, custom, maximum or none. Trust domains need host-passthrough or maximum. "
          "Empty: nova.conf's (--nova_config), else host-passthrough.");
ABSL_FLAG(std::optional<std::string>, virt_type, std::nullopt,
          "Domain type, as nova's [libvirt]virt_type: kvm or qemu. Trust domains need kvm. Empty: "
          "nova.conf's, else kvm.");
ABSL_FLAG(
    std::optional<std::string>, default_machine_type, std::nullopt,
    "Machine type of requests that state none, as q35 or pc-q35-9.2. Empty: nova.conf's, else "
    "q35.");
ABSL_FLAG(std::optional<uint64_t>, tdx_guest_limit, std::nullopt,
          "Most trust domains that may run, where fewer than the kernel has keys for; the lower of "
          "both counts. Empty: nova.conf's num_intel_tdx_guests, else as many as there are keys.");
ABSL_FLAG(std::optional<uint64_t>, sev_guest_limit, std::nullopt,
          "The same for amd-sev guests: the number of keys where the kernel does not count them.");
ABSL_FLAG(std::optional<uint64_t>, sev_es_guest_limit, std::nullopt,
          "The same for amd-sev-es and amd-sev-snp guests, which share their keys.");
ABSL_FLAG(uint64_t, tdx_reserved_keys, 0,
          "Keys to hold back from schedulers, for guests that others start.");
ABSL_FLAG(
    std::string, quote_service_path, ccplace::kDefaultQuoteSocket,
    "Unix socket of the Quote Generation Service, as the host sees it. Empty: libvirt's default.");
ABSL_FLAG(
    std::vector<std::string>, tdx_min_module_version, {},
    "Lowest version of the TDX module that is good enough, one for each line with commas between, "
    "as 1.5.24,2.0.14. Under an older one the host runs no trust domain, and whether it does under "
    "one of another line is unknown. Empty: any will do.");
ABSL_FLAG(bool, require_attestation, false,
          "Withhold all TDX keys from schedulers while QEMU cannot reach the Quote Generation "
          "Service, so that guests go to hosts where they can be attested. Three readings in a "
          "row decide. Guests that run are left alone.");
ABSL_FLAG(
    std::vector<std::string>, rename_traits, {},
    "Placement traits that go by another name in this cloud, as "
    "HW_CPU_X86_INTEL_TDX=CUSTOM_HW_CPU_X86_INTEL_TDX where its os-traits is older than 3.9, "
    "with commas between. TRAIT= (no name): this Placement does not know it, so queries leave "
    "it out, and say so.");
ABSL_FLAG(std::string, tdx_key_class, "MEM_ENCRYPTION_CONTEXT",
          "Placement's resource class of this host's TDX keys, which queries name. Where a nova "
          "before 34 looks after the host, ccplace-sync keeps them in CUSTOM_CCPLACE_INTEL_TDX_KEY "
          "and asks for this option to say so.");
ABSL_FLAG(
    std::string, request_dialect, "nova",
    "How flavors are read where a request does not say: nova, as released, or blueprint, where "
    "hw:firmware_type and hw:machine_type count too.");
ABSL_FLAG(bool, allow_debug, false,
          "Let operators define trust domains that this host can debug, with no confidentiality "
          "at all. QEMU, from 10.1 to 11.1, starts none of them.");
ABSL_FLAG(std::vector<std::string>, disk_prefixes,
          std::vector<std::string>({"/var/lib/libvirt/images", "/var/lib/nova", "/dev"}),
          "Folders that disks may lie in once symbolic links are followed, with commas between. A "
          "device may go by a name there that root alone decides on, wherever it leads: "
          "/dev/mapper, /dev/disk/by-id.");
ABSL_FLAG(std::vector<std::string>, log_prefixes,
          std::vector<std::string>({"/var/log/libvirt", "/var/lib/nova"}),
          "Folders that serial logs may lie in once symbolic links are followed.");
ABSL_FLAG(std::vector<std::string>, socket_prefixes,
          std::vector<std::string>({"/run/openvswitch", "/run/vhost", "/run/tdx-qgs"}),
          "Folders that vhost-user and quote service sockets of requests may lie in once symbolic "
          "links are followed.");

namespace ccplace {

void ReadHostFlags(HostOptions& options) {
  options.simulate = absl::GetFlag(FLAGS_simulate);
  options.libvirt_uri = absl::GetFlag(FLAGS_libvirt_uri);
  options.host_root = absl::GetFlag(FLAGS_host_root);
  options.node_name = absl::GetFlag(FLAGS_node_name);
  options.nova_config = absl::GetFlag(FLAGS_nova_config).paths;
  options.cpu_mode = absl::GetFlag(FLAGS_cpu_mode);
  options.virt_type = absl::GetFlag(FLAGS_virt_type);
  options.default_machine_type = absl::GetFlag(FLAGS_default_machine_type);
  options.tdx_guest_limit = absl::GetFlag(FLAGS_tdx_guest_limit);
  options.sev_guest_limit = absl::GetFlag(FLAGS_sev_guest_limit);
  options.sev_es_guest_limit = absl::GetFlag(FLAGS_sev_es_guest_limit);
  options.tdx_reserved_keys = absl::GetFlag(FLAGS_tdx_reserved_keys);
  options.quote_service_path = absl::GetFlag(FLAGS_quote_service_path);
  options.tdx_min_module_version = absl::GetFlag(FLAGS_tdx_min_module_version);
  options.require_attestation = absl::GetFlag(FLAGS_require_attestation);
  options.rename_traits = absl::GetFlag(FLAGS_rename_traits);
  options.tdx_key_class = absl::GetFlag(FLAGS_tdx_key_class);
  options.request_dialect = absl::GetFlag(FLAGS_request_dialect);
  options.allow_debug = absl::GetFlag(FLAGS_allow_debug);
  options.disk_prefixes = absl::GetFlag(FLAGS_disk_prefixes);
  options.log_prefixes = absl::GetFlag(FLAGS_log_prefixes);
  options.socket_prefixes = absl::GetFlag(FLAGS_socket_prefixes);
}

}  // namespace ccplace
