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


# Values that nobody means, and that somebody writes.
ODD = ["", " ", "\t", "\u00a0", "true\u00a0", "\u2003uefi", "TRUE ", "ｔｒｕｅ", "t\u0301rue", "ON\n", "0x1",
       "+1", "-1", "1.0", "1e3", "1_0", "٣", "４", "99999999999999999999", "-99999999999999999999",
       "00000000000000000000000000000000000001", "None", "null", "[]", "{}", "é", "ẞ", "İ", "\u200b",
       "required ", "Required", "REQUIRED", "dedicated\n", "q35 ", "Q35", "pc-q35", "uefi ", "Uefi",
       "intel-tdx ", "intel_tdx", "INTEL-TDX", "small ", "2 MB", "2mb", "2M", "1GiB", "4kb", "1TB",
       "any ", "large,small", "0", "2147483647", "2147483648", "x" * 255, "😀"]
# Keys of other places and forms.
ODD_KEYS = ["hw:mem_encryption ", " hw:mem_encryption", "HW:MEM_ENCRYPTION", "hw:mem-encryption",
            "hw_mem_encryption", "hw:hw_mem_encryption", "hw_mem_encryption_model ", "hw:mem_encryption_tdx",
            "hw_mem_encryption_sev", "hw_firmware_typé", "hw_video_model\u200b", "trait:HW_CPU_X86_AMD_SEV",
            "trait:CUSTOM_", "trait:custom_low", "trait1:CUSTOM_A", "trait_G:CUSTOM_B", "trait:", "trait",
            "resources:", "resources:VCPU", "resources:PCPU", "resources_A:CUSTOM_C", "resources2:VGPU",
            "resources:custom_x", "resources:CUSTOM_É", "resources:MEM_ENCRYPTION_CONTEXT", "resources1",
            "group_policy", "hw:boot_menu", "hw:cpu_cores", "hw:serial_port_count", "hw:numa_cpus.0",
            "hw_boot_menu", "hw_cpu_cores", "hw_video_ram", "hw_qemu_guest_agent", "hw_tpm_version",
            "hw_vif_multiqueue_enabled", "hw_maxphysaddr_bits", "img_version", "os_require_quiesce",
            "vmware_image_version", "hw_redirected_usb_ports", "hw_serial_port_count", "hw_time_hpet"]


class WildRequests(Requests):
    """The same with values and keys beside those that rules and nova have words for."""

    def make(self):
        request = super().make()
        sides = (request["flavor"]["extra_specs"], request["image"]["properties"])
        for _ in range(self._random.choice([1, 1, 2, 3])):
            self._change(self._one_of(sides), sides)
        return request

    def _change(self, side, sides):
        keys = sorted({*FLAVOR} if side is sides[0] else {*IMAGE})
        kind = self._random.random()
        if kind < 0.5 and side:
            side[self._one_of(sorted(side))] = self._value()
        elif kind < 0.75:
            side[self._one_of(keys)] = self._value()
        else:
            side[self._one_of(ODD_KEYS)] = self._value()

    def _value(self):
        """An odd one, one of another key's, or one of these with a slip in it."""
        if self._random.random() < 0.5:
            return self._one_of(ODD)
        value = self._one_of(self._one_of(sorted([*FLAVOR.values(), *IMAGE.values()])))
        if self._random.random() < 0.5:
            return value
        slip = self._one_of([str.upper, str.title, lambda text: " " + text, lambda text: text + " ",
                             lambda text: text[:-1], lambda text: text + text[-1:]])
        return slip(value)
