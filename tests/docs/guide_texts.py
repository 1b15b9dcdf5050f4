"""Holds the messages that the troubleshooting guide quotes to those that the programs print."""

import re
import subprocess

SPAN = re.compile(r"`([^`]+)`")
LITERAL = re.compile(r'"((?:[^"\\\n]|\\.)*)"')
NEXT_TO_EACH_OTHER = re.compile(r'"\s*\n\s*"')
SHORTEST = 6
# Said by others: the kernel, libc, libvirt and QEMU. Where each was seen stands beside it.
OTHERS = (
    # Linux, arch/x86/virt/vmx/tdx/tdx.c
    "virt/tdx", "initialization failed: Hibernation support is enabled", "module not loaded",
    "initialization failed: too few private KeyIDs available", "SEAMCALL (", ") failed: 0x",
    "module initialization failed", "Disable ACPI S3. Turn off TDX in the BIOS to use ACPI S3.",
    "BIOS enabled: private KeyID range [", "module initialized", "KB allocated for PAMT",
    # The same after 7.0
    "TDX not supported by the host platform", "TDX-Module initialized",
    "TDX-Module initialization failed",
    # Linux, arch/x86/kernel/cpu/intel.c
    "x86/tme: not enabled by BIOS",
    # Linux, arch/x86/kvm/vmx/tdx.c; the first and the last before 7.0
    "no TDX private KeyIDs available", "EPT is required for TDX",
    "TDP MMU and MMIO caching and EPT A/D bit is required for TDX", "APICv is required for TDX",
    "Disable TDX: MAX_VCPU_PER_TD (", ") smaller than number of logical CPUs",
    "tdx requires kvm.enable_virt_at_load=1",
    # Linux, drivers/crypto/ccp/sev-dev.c; the code 0x3 and the return code as in public reports
    "SEV: memory encryption not enabled by BIOS", "SEV: failed to INIT error 0x1, rc -5",
    "SEV-SNP: failed to INIT rc -5, error 0x3", "SEV: failed to INIT error 0x13", "failed to INIT",
    # Linux, drivers/iommu/amd/init.c
    "SNP: IOMMU disabled or configured in passthrough mode, SNP cannot be supported.",
    # libc, strerror(3)
    "No such file or directory", "Permission denied", "No space left on device",
    "Device or resource busy",
    "Invalid argument", "Too many open files",
    # libvirt's client 9.0
    "Failed to connect socket to",
    # Placement, docs of its API
    "HW_CPU_X86_INTEL_TDX", "root_required",
)
# tests/lab/words_test.py holds these to the formats in the programs themselves: libvirt's driver ...
LIBVIRTS = (
    "Unable to find 'efi' firmware that is compatible with the current configuration",
    "Intel TDX launch security is not supported with this QEMU binary",
    "Intel TDX launch security is not supported with pflash loader",
)
# ... and QEMU.
QEMUS = (
    "ioctl(KVM_CREATE_VM) failed: Invalid argument", "vm-type tdx not supported by KVM",
    "Failed to connect to '/var/run/tdx-qgs/qgs.socket': Permission denied",
    "TDX ioctl KVM_TDX_CAPABILITIES failed, hw_errors: 0x",
    "TDX ioctl KVM_TDX_INIT_VM failed, hw_errors: 0x",
    "TDX ioctl KVM_TDX_INIT_MEM_REGION failed, hw_errors: 0x",
    "Some QEMU unsupported TD attribute bits being requested",
    "failed to parse TDVF for TDX VM", "Cannot find TDX_METADATA_OFFSET_GUID",
    "Failed to get registers", "VFIO_MAP_DMA failed: No space left on device",
)
KNOWN = OTHERS + LIBVIRTS + QEMUS


def printed_texts(root):
    """Every string literal of the programs, those that stand next to each other as one."""
    files = subprocess.run(["git", "ls-files", "--", "server/*.cc", "client/*.cc", "lib/*.cc",
                            "lib/*.h", "client/*.h", "server/*.h"], cwd=root, check=True,
                           text=True, stdout=subprocess.PIPE).stdout.splitlines()
    texts = []
    for file in files:
        source = NEXT_TO_EACH_OTHER.sub("", (root / file).read_text(encoding="utf-8"))
        texts += [text.replace('\\"', '"') for text in LITERAL.findall(source)]
    return "\n".join(texts)


def _symptoms(guide):
    """What stands as code in the first column of the guide's tables."""
    for number, line in enumerate(guide.split("\n"), 1):
        cells = line.split(" | ")
        if line.startswith("| ") and len(cells) > 1:
            for span in SPAN.findall(cells[0]):
                yield number, span


def check_texts(root, report):
    """Each symptom quoted must be a text of the programs, or one of KNOWN. Returns how many."""
    printed = printed_texts(root)
    looked_at = 0
    guide = (root / "docs/troubleshooting.md").read_text(encoding="utf-8")
    for number, span in _symptoms(guide):
        for part in re.split(r"\s*…\s*|<node>", span):
            looked_at += 1
            if len(part) < SHORTEST or part in KNOWN or part in printed:
                continue
            report.fail(f"docs/troubleshooting.md:{number}", f"no program prints '{part}'")
    return looked_at
