// Written by tests/nova/nova_tables, which asks nova 34.0.0 itself: what its image properties take
// (nova/objects/image_meta.py, fields.py), which extra specs its API stores from microversion 2.86
// on (nova/api/validation/extra_specs), and which resource classes Placement has by itself
// (os_resource_classes). Not to be edited; tests/nova holds it to nova.
#include "lib/request/nova_tables.h"

namespace ccplace::rules {
namespace {

using Property = NovaProperty::Kind;
using Spec = NovaExtraSpec::Kind;

constexpr absl::string_view kArchitectureWords[] = {
    "aarch64", "alpha",   "amd64",     "armv6",  "armv7b",   "armv7l", "cris",       "i386",
    "i486",    "i586",    "i686",      "ia64",   "lm32",     "m68k",   "microblaze", "microblazeel",
    "mips",    "mips64",  "mips64el",  "mipsel", "openrisc", "parisc", "parisc64",   "ppc",
    "ppc64",   "ppc64le", "ppcemb",    "ppcle",  "s390",     "s390x",  "sh4",        "sh4eb",
    "sparc",   "sparc64", "unicore32", "x86_32", "x86_32p",  "x86_64", "xtensa",     "xtensaeb"};
constexpr absl::string_view kHwCdromBusWords[] = {"fdc", "ide", "lxc",    "sata", "scsi",
                                                  "uml", "usb", "virtio", "xen"};
constexpr absl::string_view kHwCpuPolicyWords[] = {"dedicated", "mixed", "shared"};
constexpr absl::string_view kHwCpuThreadPolicyWords[] = {"isolate", "prefer", "require"};
constexpr absl::string_view kHwEphemeralEncryptionFormatWords[] = {"luks", "luksv2", "plain"};
constexpr absl::string_view kHwFirmwareTypeWords[] = {"bios", "uefi"};
constexpr absl::string_view kHwInputBusWords[] = {"usb", "virtio"};
constexpr absl::string_view kHwMaxphysaddrModeWords[] = {"emulate", "passthrough"};
constexpr absl::string_view kHwMemEncryptionModelWords[] = {"amd-sev", "amd-sev-es", "amd-sev-snp",
                                                            "intel-tdx"};
constexpr absl::string_view kHwPciNumaAffinityPolicyWords[] = {"legacy", "preferred", "required",
                                                               "socket"};
constexpr absl::string_view kHwPointerModelWords[] = {"usbtablet"};
constexpr absl::string_view kHwRescueDeviceWords[] = {"cdrom", "disk", "floppy", "fs", "lun"};
constexpr absl::string_view kHwRngModelWords[] = {"virtio"};
constexpr absl::string_view kHwScsiModelWords[] = {"buslogic",    "ibmvscsi",    "lsilogic",
                                                   "lsilogicsas", "lsisas1068",  "lsisas1078",
                                                   "paravirtual", "virtio-scsi", "vmpvscsi"};
constexpr absl::string_view kHwSoundModelWords[] = {"ac97",  "es1370", "ich6", "ich9",
                                                    "pcspk", "sb16",   "usb",  "virtio"};
constexpr absl::string_view kHwTpmModelWords[] = {"tpm-crb", "tpm-tis"};
constexpr absl::string_view kHwTpmVersionWords[] = {"1.2", "2.0"};
constexpr absl::string_view kHwUsbModelWords[] = {"nec-xhci", "none", "qemu-xhci"};
constexpr absl::string_view kHwVideoModelWords[] = {"bochs", "cirrus", "gop",   "none", "qxl",
                                                    "vga",   "virtio", "vmvga", "xen"};
constexpr absl::string_view kHwVifModelWords[] = {
    "e1000",         "e1000e",         "igb",
    "lan9118",       "ne2k_pci",       "netfront",
    "pcnet",         "rtl8139",        "spapr-vlan",
    "sriov",         "virtio",         "virtuale1000",
    "virtuale1000e", "virtualpcnet32", "virtualsriovethernetcard",
    "virtualvmxnet", "virtualvmxnet3", "vmxnet",
    "vmxnet3"};
constexpr absl::string_view kHwViommuModelWords[] = {"auto", "intel", "smmuv3", "virtio"};
constexpr absl::string_view kHwVmModeWords[] = {"baremetal", "exe", "hv", "hvm",
                                                "pv",        "uml", "xen"};
constexpr absl::string_view kHwWatchdogActionWords[] = {"disabled", "none", "pause", "poweroff",
                                                        "reset"};
constexpr absl::string_view kHypervisorTypeWords[] = {
    "baremetal", "bhyve", "docker", "fake",      "hyperv", "ironic", "kqemu", "kvm",
    "lxc",       "lxd",   "openvz", "parallels", "phyp",   "prsm",   "qemu",  "test",
    "uml",       "vbox",  "vmware", "vz",        "xapi",   "xen",    "zvm"};
constexpr absl::string_view kImgConfigDriveWords[] = {"mandatory", "optional"};
constexpr absl::string_view kImgSignatureHashMethodWords[] = {"SHA-224", "SHA-256", "SHA-384",
                                                              "SHA-512"};
constexpr absl::string_view kImgSignatureKeyTypeWords[] = {
    "DSA",           "ECC_SECP384R1", "ECC_SECP521R1", "ECC_SECT409K1",
    "ECC_SECT409R1", "ECC_SECT571K1", "ECC_SECT571R1", "RSA-PSS"};
constexpr absl::string_view kOsSecureBootWords[] = {"disabled", "optional", "required"};
constexpr absl::string_view kOsTypeWords[] = {"linux", "windows"};
constexpr absl::string_view kHwEmulatorThreadsPolicySpecWords[] = {"isolate", "share"};
constexpr absl::string_view kHwTpmSecretSecuritySpecWords[] = {"deployment", "host", "user"};
constexpr absl::string_view kOsSecureBootSpecWords[] = {"disabled", "required"};
constexpr absl::string_view kQuotaCpuSharesLevelSpecWords[] = {"custom", "high", "low", "normal"};

constexpr NovaProperty kProperties[] = {
    {"architecture", Property::kWordsOfAnyCase, kArchitectureWords},
    {"auto_disk_config", Property::kText, {}},
    {"bdm_v2", Property::kText, {}},
    {"bittorrent", Property::kText, {}},
    {"block_device_mapping", Property::kText, {}},
    {"cache_in_nova", Property::kText, {}},
    {"hw_architecture", Property::kWordsOfAnyCase, kArchitectureWords},
    {"hw_auto_disk_config", Property::kText, {}},
    {"hw_boot_menu", Property::kText, {}},
    {"hw_cdrom_bus", Property::kWords, kHwCdromBusWords},
    {"hw_cpu_cores", Property::kInteger, {}},
    {"hw_cpu_max_cores", Property::kInteger, {}},
    {"hw_cpu_max_sockets", Property::kInteger, {}},
    {"hw_cpu_max_threads", Property::kInteger, {}},
    {"hw_cpu_policy", Property::kWords, kHwCpuPolicyWords},
    {"hw_cpu_realtime_mask", Property::kText, {}},
    {"hw_cpu_sockets", Property::kInteger, {}},
    {"hw_cpu_thread_policy", Property::kWords, kHwCpuThreadPolicyWords},
    {"hw_cpu_threads", Property::kInteger, {}},
    {"hw_device_id", Property::kInteger, {}},
    {"hw_disk_bus", Property::kWords, kHwCdromBusWords},
    {"hw_disk_type", Property::kText, {}},
    {"hw_emulation_architecture", Property::kWordsOfAnyCase, kArchitectureWords},
    {"hw_ephemeral_encryption", Property::kText, {}},
    {"hw_ephemeral_encryption_format", Property::kWords, kHwEphemeralEncryptionFormatWords},
    {"hw_ephemeral_encryption_secret_uuid", Property::kText, {}},
    {"hw_firmware_stateless", Property::kText, {}},
    {"hw_firmware_type", Property::kWords, kHwFirmwareTypeWords},
    {"hw_floppy_bus", Property::kWords, kHwCdromBusWords},
    {"hw_input_bus", Property::kWords, kHwInputBusWords},
    {"hw_ipxe_boot", Property::kText, {}},
    {"hw_locked_memory", Property::kText, {}},
    {"hw_machine_type", Property::kText, {}},
    {"hw_maxphysaddr_bits", Property::kInteger, {}},
    {"hw_maxphysaddr_mode", Property::kWords, kHwMaxphysaddrModeWords},
    {"hw_mem_encryption", Property::kText, {}},
    {"hw_mem_encryption_model", Property::kWords, kHwMemEncryptionModelWords},
    {"hw_mem_page_size", Property::kText, {}},
    {"hw_numa_nodes", Property::kInteger, {}},
    {"hw_pci_numa_affinity_policy", Property::kWords, kHwPciNumaAffinityPolicyWords},
    {"hw_pmu", Property::kText, {}},
    {"hw_pointer_model", Property::kWords, kHwPointerModelWords},
    {"hw_qemu_guest_agent", Property::kText, {}},
    {"hw_redirected_usb_ports", Property::kInteger, {}},
    {"hw_rescue_bus", Property::kWords, kHwCdromBusWords},
    {"hw_rescue_device", Property::kWords, kHwRescueDeviceWords},
    {"hw_rng_model", Property::kWords, kHwRngModelWords},
    {"hw_scsi_model", Property::kWordsOfAnyCase, kHwScsiModelWords},
    {"hw_serial_port_count", Property::kInteger, {}},
    {"hw_sound_model", Property::kWords, kHwSoundModelWords},
    {"hw_time_hpet", Property::kText, {}},
    {"hw_tpm_model", Property::kWords, kHwTpmModelWords},
    {"hw_tpm_version", Property::kWordsOfAnyCase, kHwTpmVersionWords},
    {"hw_usb_model", Property::kWords, kHwUsbModelWords},
    {"hw_video_model", Property::kWords, kHwVideoModelWords},
    {"hw_video_ram", Property::kInteger, {}},
    {"hw_vif_model", Property::kWordsOfAnyCase, kHwVifModelWords},
    {"hw_vif_multiqueue_enabled", Property::kText, {}},
    {"hw_viommu_model", Property::kWords, kHwViommuModelWords},
    {"hw_virtio_packed_ring", Property::kText, {}},
    {"hw_vm_mode", Property::kWordsOfAnyCase, kHwVmModeWords},
    {"hw_watchdog_action", Property::kWords, kHwWatchdogActionWords},
    {"hypervisor_type", Property::kWordsOfAnyCase, kHypervisorTypeWords},
    {"hypervisor_version_requires", Property::kText, {}},
    {"img_bdm_v2", Property::kText, {}},
    {"img_bittorrent", Property::kText, {}},
    {"img_block_device_mapping", Property::kText, {}},
    {"img_cache_in_nova", Property::kText, {}},
    {"img_compression_level", Property::kInteger, {}},
    {"img_config_drive", Property::kWords, kImgConfigDriveWords},
    {"img_hide_hypervisor_id", Property::kText, {}},
    {"img_hv_requested_version", Property::kText, {}},
    {"img_hv_type", Property::kWordsOfAnyCase, kHypervisorTypeWords},
    {"img_linked_clone", Property::kText, {}},
    {"img_mappings", Property::kText, {}},
    {"img_owner_id", Property::kText, {}},
    {"img_root_device_name", Property::kText, {}},
    {"img_signature", Property::kText, {}},
    {"img_signature_certificate_uuid", Property::kText, {}},
    {"img_signature_hash_method", Property::kWords, kImgSignatureHashMethodWords},
    {"img_signature_key_type", Property::kWords, kImgSignatureKeyTypeWords},
    {"img_use_agent", Property::kText, {}},
    {"img_version", Property::kInteger, {}},
    {"ipxe_boot", Property::kText, {}},
    {"mappings", Property::kText, {}},
    {"os_admin_user", Property::kText, {}},
    {"os_command_line", Property::kText, {}},
    {"os_distro", Property::kText, {}},
    {"os_require_quiesce", Property::kText, {}},
    {"os_secure_boot", Property::kWords, kOsSecureBootWords},
    {"os_skip_agent_inject_files_at_boot", Property::kText, {}},
    {"os_skip_agent_inject_ssh", Property::kText, {}},
    {"os_type", Property::kWordsOfAnyCase, kOsTypeWords},
    {"owner_id", Property::kText, {}},
    {"root_device_name", Property::kText, {}},
    {"vm_mode", Property::kWordsOfAnyCase, kHwVmModeWords},
    {"vmware_adaptertype", Property::kWordsOfAnyCase, kHwScsiModelWords},
    {"vmware_disktype", Property::kText, {}},
    {"vmware_image_version", Property::kInteger, {}},
    {"vmware_linked_clone", Property::kText, {}},
    {"vmware_ostype", Property::kText, {}},
    {"xenapi_device_id", Property::kInteger, {}},
    {"xenapi_image_compression_level", Property::kInteger, {}},
    {"xenapi_skip_agent_inject_files_at_boot", Property::kText, {}},
    {"xenapi_skip_agent_inject_ssh", Property::kText, {}},
    {"xenapi_use_agent", Property::kText, {}},
};

constexpr NovaExtraSpec kExtraSpecs[] = {
    {"accel:device_profile", Spec::kText, {}, "", kNoLowest, kNoHighest},
    {"hw:boot_menu", Spec::kBoolean, {}, "", kNoLowest, kNoHighest},
    {"hw:cpu_cores", Spec::kInteger, {}, "", 1, kNoHighest},
    {"hw:cpu_dedicated_mask",
     Spec::kPattern,
     {},
     R"(\^?\d+((-\d+)?(,\^?\d+(-\d+)?)?)*)",
     kNoLowest,
     kNoHighest},
    {"hw:cpu_max_cores", Spec::kInteger, {}, "", 1, kNoHighest},
    {"hw:cpu_max_sockets", Spec::kInteger, {}, "", 1, kNoHighest},
    {"hw:cpu_max_threads", Spec::kInteger, {}, "", 1, kNoHighest},
    {"hw:cpu_policy", Spec::kWords, kHwCpuPolicyWords, "", kNoLowest, kNoHighest},
    {"hw:cpu_realtime", Spec::kBoolean, {}, "", kNoLowest, kNoHighest},
    {"hw:cpu_realtime_mask",
     Spec::kPattern,
     {},
     R"((\^)?\d+((-\d+)?(,\^?\d+(-\d+)?)?)*)",
     kNoLowest,
     kNoHighest},
    {"hw:cpu_sockets", Spec::kInteger, {}, "", 1, kNoHighest},
    {"hw:cpu_thread_policy", Spec::kWords, kHwCpuThreadPolicyWords, "", kNoLowest, kNoHighest},
    {"hw:cpu_threads", Spec::kInteger, {}, "", 1, kNoHighest},
    {"hw:emulator_threads_policy", Spec::kWords, kHwEmulatorThreadsPolicySpecWords, "", kNoLowest,
     kNoHighest},
    {"hw:ephemeral_encryption", Spec::kBoolean, {}, "", kNoLowest, kNoHighest},
    {"hw:ephemeral_encryption_format", Spec::kWords, kHwEphemeralEncryptionFormatWords, "",
     kNoLowest, kNoHighest},
    {"hw:hide_hypervisor_id", Spec::kBoolean, {}, "", kNoLowest, kNoHighest},
    {"hw:locked_memory", Spec::kBoolean, {}, "", kNoLowest, kNoHighest},
    {"hw:mem_encryption", Spec::kBoolean, {}, "", kNoLowest, kNoHighest},
    {"hw:mem_encryption_model", Spec::kWords, kHwMemEncryptionModelWords, "", kNoLowest,
     kNoHighest},
    {"hw:mem_page_size",
     Spec::kPattern,
     {},
     R"((large|small|any|\d+([kKMGT]i?)?(b|bit|B)?))",
     kNoLowest,
     kNoHighest},
    {"hw:numa_cpus.",
     Spec::kPattern,
     {},
     R"(\^?\d+((-\d+)?(,\^?\d+(-\d+)?)?)*)",
     kNoLowest,
     kNoHighest},
    {"hw:numa_mem.", Spec::kInteger, {}, "", 1, kNoHighest},
    {"hw:numa_nodes", Spec::kInteger, {}, "", 1, kNoHighest},
    {"hw:pci_numa_affinity_policy", Spec::kWords, kHwPciNumaAffinityPolicyWords, "", kNoLowest,
     kNoHighest},
    {"hw:pmem", Spec::kPattern, {}, R"(([a-zA-Z0-9_]+(,)?)+)", kNoLowest, kNoHighest},
    {"hw:pmu", Spec::kBoolean, {}, "", kNoLowest, kNoHighest},
    {"hw:redirected_usb_ports", Spec::kInteger, {}, "", 0, 15},
    {"hw:serial_port_count", Spec::kInteger, {}, "", 0, kNoHighest},
    {"hw:sound_model", Spec::kWords, kHwSoundModelWords, "", kNoLowest, kNoHighest},
    {"hw:tpm_model", Spec::kWords, kHwTpmModelWords, "", kNoLowest, kNoHighest},
    {"hw:tpm_secret_security", Spec::kWords, kHwTpmSecretSecuritySpecWords, "", kNoLowest,
     kNoHighest},
    {"hw:tpm_version", Spec::kWords, kHwTpmVersionWords, "", kNoLowest, kNoHighest},
    {"hw:usb_model", Spec::kWords, kHwUsbModelWords, "", kNoLowest, kNoHighest},
    {"hw:vif_multiqueue_enabled", Spec::kBoolean, {}, "", kNoLowest, kNoHighest},
    {"hw:viommu_model", Spec::kWords, kHwViommuModelWords, "", kNoLowest, kNoHighest},
    {"hw:virtio_packed_ring", Spec::kBoolean, {}, "", kNoLowest, kNoHighest},
    {"hw:watchdog_action", Spec::kWords, kHwWatchdogActionWords, "", kNoLowest, kNoHighest},
    {"hw_rng:allowed", Spec::kBoolean, {}, "", kNoLowest, kNoHighest},
    {"hw_rng:rate_bytes", Spec::kInteger, {}, "", 0, kNoHighest},
    {"hw_rng:rate_period", Spec::kInteger, {}, "", 0, kNoHighest},
    {"hw_video:ram_max_mb", Spec::kInteger, {}, "", 0, kNoHighest},
    {"os:secure_boot", Spec::kWords, kOsSecureBootSpecWords, "", kNoLowest, kNoHighest},
    {"pci_passthrough:alias",
     Spec::kPattern,
     {},
     R"([^:]+:\d+(?:\s*,\s*[^:]+:\d+)*)",
     kNoLowest,
     kNoHighest},
    {"quota:cpu_limit", Spec::kInteger, {}, "", 0, kNoHighest},
    {"quota:cpu_period", Spec::kInteger, {}, "", 0, kNoHighest},
    {"quota:cpu_quota", Spec::kInteger, {}, "", kNoLowest, kNoHighest},
    {"quota:cpu_reservation", Spec::kInteger, {}, "", kNoLowest, kNoHighest},
    {"quota:cpu_shares", Spec::kInteger, {}, "", 0, kNoHighest},
    {"quota:cpu_shares_level", Spec::kWords, kQuotaCpuSharesLevelSpecWords, "", kNoLowest,
     kNoHighest},
    {"quota:cpu_shares_share", Spec::kInteger, {}, "", 0, kNoHighest},
    {"quota:disk_io_limit", Spec::kInteger, {}, "", 0, kNoHighest},
    {"quota:disk_io_reservation", Spec::kInteger, {}, "", kNoLowest, kNoHighest},
    {"quota:disk_io_shares_level", Spec::kWords, kQuotaCpuSharesLevelSpecWords, "", kNoLowest,
     kNoHighest},
    {"quota:disk_io_shares_share", Spec::kInteger, {}, "", 0, kNoHighest},
    {"quota:disk_read_bytes_sec", Spec::kInteger, {}, "", 0, kNoHighest},
    {"quota:disk_read_iops_sec", Spec::kInteger, {}, "", 0, kNoHighest},
    {"quota:disk_total_bytes_sec", Spec::kInteger, {}, "", 0, kNoHighest},
    {"quota:disk_total_iops_sec", Spec::kInteger, {}, "", 0, kNoHighest},
    {"quota:disk_write_bytes_sec", Spec::kInteger, {}, "", 0, kNoHighest},
    {"quota:disk_write_iops_sec", Spec::kInteger, {}, "", 0, kNoHighest},
    {"quota:memory_limit", Spec::kInteger, {}, "", 0, kNoHighest},
    {"quota:memory_reservation", Spec::kInteger, {}, "", kNoLowest, kNoHighest},
    {"quota:memory_shares_level", Spec::kWords, kQuotaCpuSharesLevelSpecWords, "", kNoLowest,
     kNoHighest},
    {"quota:memory_shares_share", Spec::kInteger, {}, "", 0, kNoHighest},
    {"quota:vif_inbound_average", Spec::kInteger, {}, "", 0, kNoHighest},
    {"quota:vif_inbound_burst", Spec::kInteger, {}, "", 0, kNoHighest},
    {"quota:vif_inbound_peak", Spec::kInteger, {}, "", 0, kNoHighest},
    {"quota:vif_limit", Spec::kInteger, {}, "", 0, kNoHighest},
    {"quota:vif_outbound_average", Spec::kInteger, {}, "", 0, kNoHighest},
    {"quota:vif_outbound_burst", Spec::kInteger, {}, "", 0, kNoHighest},
    {"quota:vif_outbound_peak", Spec::kInteger, {}, "", 0, kNoHighest},
    {"quota:vif_reservation", Spec::kInteger, {}, "", kNoLowest, kNoHighest},
    {"quota:vif_shares_level", Spec::kWords, kQuotaCpuSharesLevelSpecWords, "", kNoLowest,
     kNoHighest},
    {"quota:vif_shares_share", Spec::kInteger, {}, "", 0, kNoHighest},
    {"vmware:hw_version", Spec::kText, {}, "", kNoLowest, kNoHighest},
    {"vmware:storage_policy", Spec::kText, {}, "", kNoLowest, kNoHighest},
};

constexpr absl::string_view kResourceClasses[] = {
    "DISK_GB",
    "FPGA",
    "IPV4_ADDRESS",
    "MEMORY_MB",
    "MEM_ENCRYPTION_CONTEXT",
    "NET_BW_EGR_KILOBIT_PER_SEC",
    "NET_BW_IGR_KILOBIT_PER_SEC",
    "NET_PACKET_RATE_EGR_KILOPACKET_PER_SEC",
    "NET_PACKET_RATE_IGR_KILOPACKET_PER_SEC",
    "NET_PACKET_RATE_KILOPACKET_PER_SEC",
    "NUMA_CORE",
    "NUMA_MEMORY_MB",
    "NUMA_SOCKET",
    "NUMA_THREAD",
    "PCI_DEVICE",
    "PCPU",
    "PGPU",
    "SRIOV_NET_VF",
    "VCPU",
    "VGPU",
    "VGPU_DISPLAY_HEAD",
};

}  // namespace

absl::Span<const NovaProperty> NovaProperties() { return kProperties; }

absl::Span<const NovaExtraSpec> NovaExtraSpecs() { return kExtraSpecs; }

absl::Span<const absl::string_view> StandardResourceClasses() { return kResourceClasses; }

}  // namespace ccplace::rules
