#!/usr/bin/python3
"""What a QEMU that is not root's may open, and what ccplaced finds of it: the groups that libvirt gives
it, and firmware in a folder of somebody's own."""

import json
import os
import pathlib
import re
import shutil
import unittest

import harness
from capabilities_test import found_of, model_of
from harness.contract import v1
from harness.daemon import Daemon
from harness.trust_domains import IMAGES

USER, NAME = "libvirt-qemu", "groups"
NAMED_TWICE, PRIMARY, STRANGE = 981, 982, 983
FIRMWARE = "usr/share/ovmf/OVMF.inteltdx.ms.fd"
DESCRIPTOR = "usr/share/qemu/firmware/60-edk2-x86_64-inteltdx.json"
DOMAIN = f"""
<domain type='qemu'>
  <name>{NAME}</name>
  <memory unit='MiB'>64</memory>
  <os><type arch='x86_64' machine='q35'>hvm</type></os>
</domain>
"""


class Groups(unittest.TestCase):
    """QEMU's user has a primary group of its own, and qemu.conf names another. It is listed in the
    second of two lines of one number."""

    @classmethod
    def setUpClass(cls):
        cls.lab = cls.enterClassContext(harness.Lab("full"))
        cls.lab.run("sh", "-ec", f"""
            printf 'qgsd:x:{NAMED_TWICE}:\\nqgsd-guests:x:{NAMED_TWICE}:{USER}\\n' >>/etc/group
            printf 'own:x:{PRIMARY}:\\nothers:x:{STRANGE}:\\n' >>/etc/group
            usermod -g own {USER}
            sed -i 's/^user.*/user = "{USER}"/; s/^group.*/group = "kvm"/' /etc/libvirt/qemu.conf
            chmod 666 /dev/kvm""")
        with cls.lab.killed():
            pass
        for name in ("etc/passwd", "etc/group"):
            (cls.lab.host_root / name).write_text((cls.lab.root / name).read_text())
        cls.daemon = cls.enterClassContext(Daemon.on(cls.lab))

    def groups_of_qemu(self):
        pathlib.Path(f"{self.lab.host_root}{IMAGES}/{NAME}.xml").write_text(DOMAIN)
        self.addCleanup(self.lab.virsh, check=False,
                        stdin=f"destroy {NAME}\nundefine {NAME}\n")
        self.lab.virsh(stdin=f"define {IMAGES}/{NAME}.xml\nstart {NAME}\n")
        status = self.lab.run("sh", "-c",
                              f'cat "/proc/$(cat /run/libvirt/qemu/{NAME}.pid)/status"').stdout
        self.assertNotRegex(status, r"Uid:\t0\t")
        return {int(number) for number in re.search(r"Groups:\t(.*)", status)[1].split()}

    def test_check_passes_for_the_groups_that_qemu_has_and_for_no_other(self):
        groups = self.groups_of_qemu()
        self.assertLessEqual({NAMED_TWICE, PRIMARY}, groups)
        socket = self.lab.host_root / "run/tdx-qgs/qgs.socket"
        for group in (*groups, STRANGE):
            os.chown(socket, 0, group)
            socket.chmod(0o660)
            model = model_of(self.daemon.refreshed().capabilities, "INTEL_TDX")
            check = found_of(model)["QUOTE_SERVICE_ACCESS"]
            self.assertEqual(v1.CHECK_RESULT_PASS if group in groups else v1.CHECK_RESULT_FAIL,
                             check.result, check)

    def test_firmware_in_a_folder_of_somebodys_own_fails_and_does_not_start(self):
        folder = self.lab.host_root / "usr/share/ovmf/home"  # The lab's libvirt sees it there.
        own = self.lab.host_root / "etc/qemu/firmware/10-own.json"
        folder.mkdir()
        shutil.copy(self.lab.host_root / FIRMWARE, folder / "own.fd")
        good = json.loads((self.lab.host_root / DESCRIPTOR).read_text())
        own.write_text(json.dumps({**good, "mapping": {
            "device": "memory", "filename": "/usr/share/ovmf/home/own.fd"}}))
        self.addCleanup(shutil.rmtree, folder)
        self.addCleanup(own.unlink)
        for mode, starts in ((0o700, False), (0o711, True)):
            folder.chmod(mode)
            self.assertEqual(starts, self.opens("/usr/share/ovmf/home/own.fd"))
            self.daemon.refreshed()  # A new file is measured a reading later.
            model = model_of(self.daemon.refreshed().capabilities, "INTEL_TDX")
            check = found_of(model)["FIRMWARE"]
            self.assertTrue(check.found.startswith("/usr/share/ovmf/home/own.fd"), check)
            self.assertEqual(v1.CHECK_RESULT_PASS if starts else v1.CHECK_RESULT_FAIL,
                             check.result, check)

    def opens(self, firmware):
        """Whether a QEMU that libvirt starts loads it."""
        loader = (f"<loader type='rom' readonly='yes'>{firmware}</loader></os>"
                  "<features><acpi/></features>")
        path = f"{IMAGES}/{NAME}.xml"
        pathlib.Path(f"{self.lab.host_root}{path}").write_text(DOMAIN.replace("</os>", loader))
        done = self.lab.virsh(stdin=f"define {path}\nstart {NAME}\n", check=False)
        state = self.lab.virsh("domstate", NAME, check=False).stdout.strip()
        self.lab.virsh(stdin=f"destroy {NAME}\nundefine {NAME}\n", check=False)
        self.assertTrue(state == "running" or "could not load" in done.stderr, done.stderr)
        return state == "running"


if __name__ == "__main__":
    harness.main()
