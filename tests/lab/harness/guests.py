"""A guest of a lab, seen from its KVM: what QEMU asked for, and what the guest does next.

The layout of the files is that of preload/fake_kvm/fake_kvm.h.
"""

import dataclasses
import struct

PAGE_BYTES = 4096
MEASURED = 1  # KVM_TDX_MEASURE_MEMORY_REGION (Linux, intel-tdx.rst).
_LAUNCH = struct.Struct("<QQ48s48s48s")
_POLICY = struct.Struct("<Q")
_REGION = struct.Struct("<QQQ")


@dataclasses.dataclass(frozen=True)
class Launch:
    """What QEMU gave to KVM_TDX_INIT_VM."""

    attributes: int
    xfam: int
    mr_config_id: bytes
    mr_owner: bytes
    mr_owner_config: bytes


@dataclasses.dataclass(frozen=True)
class MemoryRegion:
    """What QEMU gave to KVM_TDX_INIT_MEM_REGION. address: of the guest, in bytes."""

    address: int
    content: bytes
    is_measured: bool


class Guest:
    """A confidential guest that was started on the lab, by its UUID.

    Its doings reach it once its vCPUs run: a guest that is paused does nothing until it goes on.
    """

    def __init__(self, folder):
        self._folder = folder

    def reboot(self):
        """The guest resets itself."""
        self._leave("reboot")

    def power_off(self):
        self._leave("power-off")

    def panic(self):
        self._leave("panic")

    def fail_in_kvm(self):
        """KVM cannot go on with it: KVM_EXIT_INTERNAL_ERROR."""
        self._leave("internal-error")

    def _leave(self, word):
        new = self._folder / "exit.new"
        new.write_text(word, encoding="ascii")
        new.rename(self._folder / "exit")

    def launches(self):
        """Each KVM_TDX_INIT_VM so far, the latest last: a reset makes a new one."""
        return [Launch(*fields)
                for fields in _LAUNCH.iter_unpack((self._folder / "launches").read_bytes())]

    def sev_policies(self):
        """The policy of each launch so far, of a SEV, SEV-ES or SEV-SNP guest."""
        return [policy for policy, in _POLICY.iter_unpack(
            (self._folder / "sev-policies").read_bytes())]

    def memory_regions(self):
        """The MemoryRegions of the latest launch, in the order in which QEMU gave them."""
        regions, rest = [], memoryview((self._folder / "regions").read_bytes())
        while rest:
            address, pages, flags = _REGION.unpack_from(rest)
            end = _REGION.size + pages * PAGE_BYTES
            regions.append(MemoryRegion(address, bytes(rest[_REGION.size:end]),
                                        bool(flags & MEASURED)))
            rest = rest[end:]
        return regions
