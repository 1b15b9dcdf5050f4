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
    "initialization failed: too few private KeyIDs available", "SEAMCALL", "failed",
    "module initialization failed", "Disable ACPI S3. Turn off TDX in the BIOS to use ACPI S3.",
    # The same and KVM's, before and after 7.0, in their sources and in public reports
    "BIOS enabled: private KeyID range [", "not enabled by BIOS", "module initialized",
    "TDX not supported by the host platform", "TDX-Module initialized",
    "TDX-Module initialization failed", "TDP MMU", "MAX_VCPU_PER_TD", "enable_virt_at_load",
    # Linux, drivers/crypto/ccp/sev-dev.c, and its command line
    "SEV: failed to INIT error", "failed to INIT", "iommu=pt",
    # libc, strerror(3)
    "No such file or directory", "Permission denied", "No space left on device",
    "Device or resource busy",
    # libvirt 12.8, on the lab
    "Failed to connect socket to",
    "Unable to find 'efi' firmware that is compatible with the current configuration",
    # QEMU 11.1, on the lab and in reports
    "ioctl(KVM_CREATE_VM) failed: Invalid argument", "vm-type tdx not supported by KVM",
    "Failed to connect to '/var/run/tdx-qgs/qgs.socket': Permission denied",
    # QEMU in public reports
    "KVM_TDX_CAPABILITIES failed", "KVM_TDX_INIT_VM failed: Invalid argument",
    "KVM_TDX_INIT_VM failed: No space left on device", "KVM_TDX_INIT_MEM_REGION failed",
    "is not supported with this QEMU binary", "Failed to get registers",
    "VFIO_MAP_DMA failed: No space left on device",
    # Placement, docs of its API
    "HW_CPU_X86_INTEL_TDX", "root_required",
)


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
    """Each symptom quoted must be a text of the programs, or one of OTHERS. Returns how many."""
    printed = printed_texts(root)
    looked_at = 0
    guide = (root / "docs/troubleshooting.md").read_text(encoding="utf-8")
    for number, span in _symptoms(guide):
        for part in re.split(r"\s*…\s*|<node>", span):
            looked_at += 1
            if len(part) < SHORTEST or part in OTHERS or part in printed:
                continue
            report.fail(f"docs/troubleshooting.md:{number}", f"no program prints '{part}'")
    return looked_at
