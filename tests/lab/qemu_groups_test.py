#!/usr/bin/python3
"""The groups that libvirt gives a QEMU that is not root's, and what ccplaced finds of them."""

import os
import pathlib
import re
import unittest

import harness
from capabilities_test import found_of, model_of
from harness.contract import v1
from harness.daemon import Daemon
from harness.trust_domains import IMAGES

USER, NAME = "libvirt-qemu", "groups"
NAMED_TWICE, PRIMARY, STRANGE = 981, 982, 983
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


if __name__ == "__main__":
    harness.main()
