#!/usr/bin/python3
"""What real QEMU asks the kernel for at the start of a trust domain: the request, and nothing else."""

import harness
from harness.on_running_guest import OnRunningGuest

SEPT_VE_DISABLE = 1 << 28  # Intel TDX Module ABI, TD attributes.
BELOW_4_GIB = 1 << 32
FIRMWARE = "usr/share/ovmf/OVMF.inteltdx.ms.fd"
FIELDS = {"mr_config_id": bytes(range(48)), "mr_owner": b"\xff" * 48,
          "mr_owner_config": b"\0" * 47 + b"\1"}


class PlainLaunch(OnRunningGuest):
    """A request that sets no launch field."""

    def test_has_the_safe_attributes_and_empty_fields(self):
        launch, = self.guest.launches()
        self.assertEqual(SEPT_VE_DISABLE, launch.attributes)
        for name in FIELDS:
            self.assertEqual(bytes(48), getattr(launch, name), name)

    def test_qemu_says_the_same_attributes(self):
        self.assertEqual(self.guest.launches()[-1].attributes,
                         self.qemu("qom-get", path="/objects/lsec0", property="attributes"))

    def test_measured_memory_is_firmware_from_the_file(self):
        firmware = (self.lab.root / FIRMWARE).read_bytes()
        measured = [region for region in self.guest.memory_regions() if region.is_measured]
        self.assertTrue(measured)
        for region in measured:
            # The image ends at 4 GiB (QEMU, docs/system/i386/tdx.rst; TDVF design guide).
            offset = len(firmware) - (BELOW_4_GIB - region.address)
            self.assertEqual(firmware[offset:offset + len(region.content)], region.content)


class LaunchWithFields(OnRunningGuest):
    """A request that sets all of them."""

    def prepare(self):
        for name, value in FIELDS.items():
            setattr(self.request.launch, name, value)

    def assert_asked(self, launch):
        self.assertEqual(SEPT_VE_DISABLE, launch.attributes)
        for name, value in FIELDS.items():
            self.assertEqual(value, getattr(launch, name), name)

    def test_has_each_field_byte_for_byte(self):
        launch, = self.guest.launches()
        self.assert_asked(launch)

    def test_has_the_same_after_a_reboot_and_a_reset(self):
        self.guest.reboot()
        self.wait_for_launches(2)
        self.virsh("reset", self.uuid)
        self.wait_for_launches(3)
        first, *others = self.guest.launches()
        self.assert_asked(first)
        self.assertEqual([first, first], others)


if __name__ == "__main__":
    harness.main()
