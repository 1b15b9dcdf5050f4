// Written by tests/nova/nova_tables, which asks nova 34.0.0 itself: what its image properties of an
// enumeration take (nova/objects/image_meta.py, fields.py), which extra specs of "hw" and "os" its
// API stores from microversion 2.86 on (nova/api/validation/extra_specs), and which resource
// classes Placement has by itself (os_resource_classes). Not to be edited; tests/nova holds it to
// nova.
#include "lib/request/nova_tables.h"

namespace ccplace::rules {
namespace {

using Kind = NovaExtraSpec::Kind;

constexpr NovaProperty kProperties[] = {
    {"architecture", true,
     "aarch64 alpha amd64 armv6 armv7b armv7l cris i386 i486 i586 i686 ia64 lm32 m68k microblaze "
     "microblazeel mips mips64 mips64el mipsel openrisc parisc parisc64 ppc ppc64 ppc64le ppcemb "
     "ppcle s390 s390x sh4 sh4eb sparc sparc64 unicore32 x86_32 x86_32p x86_64 xtensa xtensaeb"},
    {"hw_architecture", true,
     "aarch64 alpha amd64 armv6 armv7b armv7l cris i386 i486 i586 i686 ia64 lm32 m68k microblaze "
     "microblazeel mips mips64 mips64el mipsel openrisc parisc parisc64 ppc ppc64 ppc64le ppcemb "
     "ppcle s390 s390x sh4 sh4eb sparc sparc64 unicore32 x86_32 x86_32p x86_64 xtensa xtensaeb"},
    {"hw_cdrom_bus", false, "fdc ide lxc sata scsi uml usb virtio xen"},
    {"hw_cpu_policy", false, "dedicated mixed shared"},
    {"hw_cpu_thread_policy", false, "isolate prefer require"},
    {"hw_disk_bus", false, "fdc ide lxc sata scsi uml usb virtio xen"},
    {"hw_emulation_architecture", true,
     "aarch64 alpha amd64 armv6 armv7b armv7l cris i386 i486 i586 i686 ia64 lm32 m68k microblaze "
     "microblazeel mips mips64 mips64el mipsel openrisc parisc parisc64 ppc ppc64 ppc64le ppcemb "
     "ppcle s390 s390x sh4 sh4eb sparc sparc64 unicore32 x86_32 x86_32p x86_64 xtensa xtensaeb"},
    {"hw_ephemeral_encryption_format", false, "luks luksv2 plain"},
    {"hw_firmware_type", false, "bios uefi"},
    {"hw_floppy_bus", false, "fdc ide lxc sata scsi uml usb virtio xen"},
    {"hw_input_bus", false, "usb virtio"},
    {"hw_maxphysaddr_mode", false, "emulate passthrough"},
    {"hw_mem_encryption_model", false, "amd-sev amd-sev-es amd-sev-snp intel-tdx"},
    {"hw_pci_numa_affinity_policy", false, "legacy preferred required socket"},
    {"hw_pointer_model", false, "usbtablet"},
    {"hw_rescue_bus", false, "fdc ide lxc sata scsi uml usb virtio xen"},
    {"hw_rescue_device", false, "cdrom disk floppy fs lun"},
    {"hw_rng_model", false, "virtio"},
    {"hw_scsi_model", true,
     "buslogic ibmvscsi lsilogic lsilogicsas lsisas1068 lsisas1078 paravirtual virtio-scsi "
     "vmpvscsi"},
    {"hw_sound_model", false, "ac97 es1370 ich6 ich9 pcspk sb16 usb virtio"},
    {"hw_tpm_model", false, "tpm-crb tpm-tis"},
    {"hw_tpm_version", true, "1.2 2.0"},
    {"hw_usb_model", false, "nec-xhci none qemu-xhci"},
    {"hw_video_model", false, "bochs cirrus gop none qxl vga virtio vmvga xen"},
    {"hw_vif_model", true,
     "e1000 e1000e igb lan9118 ne2k_pci netfront pcnet rtl8139 spapr-vlan sriov virtio "
     "virtuale1000 virtuale1000e virtualpcnet32 virtualsriovethernetcard virtualvmxnet "
     "virtualvmxnet3 vmxnet vmxnet3"},
    {"hw_viommu_model", false, "auto intel smmuv3 virtio"},
    {"hw_vm_mode", true, "baremetal exe hv hvm pv uml xen"},
    {"hw_watchdog_action", false, "disabled none pause poweroff reset"},
    {"hypervisor_type", true,
     "baremetal bhyve docker fake hyperv ironic kqemu kvm lxc lxd openvz parallels phyp prsm qemu "
     "test uml vbox vmware vz xapi xen zvm"},
    {"img_config_drive", false, "mandatory optional"},
    {"img_hv_type", true,
     "baremetal bhyve docker fake hyperv ironic kqemu kvm lxc lxd openvz parallels phyp prsm qemu "
     "test uml vbox vmware vz xapi xen zvm"},
    {"img_signature_hash_method", false, "SHA-224 SHA-256 SHA-384 SHA-512"},
    {"img_signature_key_type", false,
     "DSA ECC_SECP384R1 ECC_SECP521R1 ECC_SECT409K1 ECC_SECT409R1 ECC_SECT571K1 ECC_SECT571R1 "
     "RSA-PSS"},
    {"os_secure_boot", false, "disabled optional required"},
    {"os_type", true, "linux windows"},
    {"vm_mode", true, "baremetal exe hv hvm pv uml xen"},
    {"vmware_adaptertype", true,
     "buslogic ibmvscsi lsilogic lsilogicsas lsisas1068 lsisas1078 paravirtual virtio-scsi "
     "vmpvscsi"},
};

constexpr NovaExtraSpec kExtraSpecs[] = {
    {"hw:boot_menu", Kind::kBoolean, "", kNoLimit},
    {"hw:cpu_cores", Kind::kInteger, "", 1},
    {"hw:cpu_dedicated_mask", Kind::kText, "", kNoLimit},
    {"hw:cpu_max_cores", Kind::kInteger, "", 1},
    {"hw:cpu_max_sockets", Kind::kInteger, "", 1},
    {"hw:cpu_max_threads", Kind::kInteger, "", 1},
    {"hw:cpu_policy", Kind::kWords, "dedicated shared mixed", kNoLimit},
    {"hw:cpu_realtime", Kind::kBoolean, "", kNoLimit},
    {"hw:cpu_realtime_mask", Kind::kText, "", kNoLimit},
    {"hw:cpu_sockets", Kind::kInteger, "", 1},
    {"hw:cpu_thread_policy", Kind::kWords, "prefer isolate require", kNoLimit},
    {"hw:cpu_threads", Kind::kInteger, "", 1},
    {"hw:emulator_threads_policy", Kind::kWords, "isolate share", kNoLimit},
    {"hw:ephemeral_encryption", Kind::kBoolean, "", kNoLimit},
    {"hw:ephemeral_encryption_format", Kind::kWords, "plain luks luksv2", kNoLimit},
    {"hw:hide_hypervisor_id", Kind::kBoolean, "", kNoLimit},
    {"hw:locked_memory", Kind::kBoolean, "", kNoLimit},
    {"hw:mem_encryption", Kind::kBoolean, "", kNoLimit},
    {"hw:mem_encryption_model", Kind::kWords, "amd-sev amd-sev-es amd-sev-snp intel-tdx", kNoLimit},
    {"hw:mem_page_size", Kind::kText, "", kNoLimit},
    {"hw:numa_nodes", Kind::kInteger, "", 1},
    {"hw:pci_numa_affinity_policy", Kind::kWords, "required preferred legacy socket", kNoLimit},
    {"hw:pmem", Kind::kText, "", kNoLimit},
    {"hw:pmu", Kind::kBoolean, "", kNoLimit},
    {"hw:redirected_usb_ports", Kind::kInteger, "", 0},
    {"hw:serial_port_count", Kind::kInteger, "", 0},
    {"hw:sound_model", Kind::kWords, "sb16 es1370 pcspk ac97 ich6 ich9 usb virtio", kNoLimit},
    {"hw:tpm_model", Kind::kWords, "tpm-tis tpm-crb", kNoLimit},
    {"hw:tpm_secret_security", Kind::kWords, "user host deployment", kNoLimit},
    {"hw:tpm_version", Kind::kWords, "1.2 2.0", kNoLimit},
    {"hw:usb_model", Kind::kWords, "none nec-xhci qemu-xhci", kNoLimit},
    {"hw:vif_multiqueue_enabled", Kind::kBoolean, "", kNoLimit},
    {"hw:viommu_model", Kind::kWords, "intel smmuv3 virtio auto", kNoLimit},
    {"hw:virtio_packed_ring", Kind::kBoolean, "", kNoLimit},
    {"hw:watchdog_action", Kind::kWords, "none pause poweroff reset disabled", kNoLimit},
    {"os:secure_boot", Kind::kWords, "disabled required", kNoLimit},
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
