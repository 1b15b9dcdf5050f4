"""Requests made at random from a seed, of what flavors and images really say, good and bad."""

import random

MODELS = ["intel-tdx", "intel-tdx", "amd-sev", "amd-sev-es", "amd-sev-snp", "Intel-TDX", "tdx", ""]
BOOLEANS = ["true", "True", "1", "yes", "on", "false", "no", "0", " true ", "enabled", ""]
POLICIES = ["shared", "dedicated", "mixed", "pinned", ""]
THREADS = ["prefer", "isolate", "require", "none"]
PAGES = ["small", "large", "any", "4", "2048", "2MB", "1GB"]
SECURE = ["required", "disabled", "optional", "true"]
BUSES = ["virtio", "scsi", "sata", "ide", "usb", "nvme", "SCSI"]
AFFINITY = ["required", "preferred", "legacy", "socket", "none"]

FLAVOR = {
    "hw:firmware_type": ["uefi", "bios"], "hw:machine_type": ["q35", "pc"], "hw:pmu": BOOLEANS,
    "hw:mem_page_size": PAGES, "os:secure_boot": SECURE, "hw:cpu_policy": POLICIES,
    "hw:locked_memory": BOOLEANS, "hw:cpu_thread_policy": THREADS,
    "hw:emulator_threads_policy": ["isolate", "share", "x"],
    "hw:pci_numa_affinity_policy": AFFINITY, "hw:maxphysaddr_mode": ["emulate", "passthrough", "x"],
    "trait:HW_CPU_X86_INTEL_TDX": ["required", "forbidden"], "trait:CUSTOM_FAST": ["required"],
    "trait:CUSTOM_SLOW": ["forbidden"], "resources:FOO": ["1"], "resources:CUSTOM_FOO": ["1", "0"],
    "resources:VCPU": ["0"], "resources:MEMORY_MB": ["0", "1024"], "resources:DISK_GB": ["0", "7"],
    "resources:MEM_ENCRYPTION_CONTEXT": ["1", "2"], "resources1:VGPU": ["1"],
    "group_policy": ["isolate", "none"], "hw:gpu": ["1"], "hw:mem_encrypt": ["true"],
}
IMAGE = {
    "hw_pmu": BOOLEANS, "hw_mem_page_size": PAGES, "os_secure_boot": SECURE,
    "hw_cpu_policy": POLICIES, "hw_locked_memory": BOOLEANS, "hw_cpu_thread_policy": THREADS,
    "hw_pci_numa_affinity_policy": AFFINITY, "hw_maxphysaddr_mode": ["emulate", "passthrough"],
    "hw_disk_bus": BUSES, "hw_cdrom_bus": BUSES, "hw_rescue_bus": BUSES,
    "hw_scsi_model": ["virtio-scsi", "lsiLogic", "scsi", ""],
    "vmware_adaptertype": ["ide", "IDE", "lsiLogic", "paraVirtual", "", "nvme"],
    "hw_vif_model": ["virtio", "e1000", "VirtualVmxnet3", "virtio-net"],
    "hw_rng_model": ["virtio", "Virtio"], "os_type": ["linux", "Linux", "windows", "bsd"],
    "hw_input_bus": ["usb", "virtio", "ps2"], "hw_pointer_model": ["usbtablet", "tablet"],
    "hw_watchdog_action": ["reset", "on"], "hw_tpm_model": ["tpm-tis", "tis"],
    "architecture": ["x86_64", "amd64", "AMD64", "x64"], "vm_mode": ["hvm", "hv", "pvh"],
    "hypervisor_type": ["kvm", "QEMU", "virtio"], "img_config_drive": ["optional", "always"],
    "trait:CUSTOM_BLUE": ["required", "forbidden"], "os_distro": ["debian"],
}


class Requests:
    """The same requests for the same seed."""

    def __init__(self, seed):
        self._random = random.Random(seed)

    def make(self):
        flavor, image = self._memory_encryption()
        self._some_of(FLAVOR, flavor)
        if self._random.random() < 0.02:
            flavor.update({"hw:cpu_policy": "mixed", "hw:cpu_dedicated_mask": "0"})
        self._some_of(IMAGE, image)
        status = self._random.choice(["active"] * 30 + ["queued", "deactivated"])
        vcpus = self._random.choice([1, 2, 4])
        return {"flavor": {"extra_specs": flavor, "vcpus": vcpus, "memory_mb": 512, "root_gb": 1},
                "image": {"status": status, "properties": image}}

    def _memory_encryption(self):
        """Right, with a few things changed."""
        flavor = {"hw:mem_encryption": "true", "hw:mem_encryption_model": self._one_of(MODELS[:5])}
        image = {"hw_firmware_type": "uefi", "hw_machine_type": "q35",
                 "hw_firmware_stateless": "true", "hw_video_model": "none"}
        changes = [(flavor, "hw:mem_encryption", BOOLEANS),
                   (flavor, "hw:mem_encryption_model", MODELS),
                   (image, "hw_mem_encryption", BOOLEANS),
                   (image, "hw_mem_encryption_model", MODELS),
                   (image, "hw_firmware_type", ["uefi", "bios", "UEFI"]),
                   (image, "hw_machine_type", ["q35", "pc", "pc-q35-9.2", "Q35"]),
                   (image, "hw_firmware_stateless", BOOLEANS),
                   (image, "hw_video_model", ["none", "virtio", "None"])]
        for side, key, values in changes:
            if self._random.random() < 0.15:
                side[key] = self._one_of(values)
            elif self._random.random() < 0.04:
                side.pop(key, None)
        return flavor, image

    def _some_of(self, choices, settings):
        for key in self._random.sample(sorted(choices), self._random.choice([0, 0, 1, 1, 2, 3])):
            settings[key] = self._one_of(choices[key])

    def _one_of(self, values):
        return self._random.choice(values)
