#!/usr/bin/python3
"""SUPPORTED means that a trust domain starts, and UNSUPPORTED that none does: hosts made odd in one
way each, what doctor says of them against what real libvirt and QEMU do."""

import contextlib
import json
import os
import pathlib
import re
import unittest

import harness
from capabilities_test import found_of, model_of, verdict_of
from harness.contract import v1
from harness.daemon import Daemon
from harness.trust_domains import IMAGES, domain_request, make_disk

FIRMWARE = "usr/share/ovmf/OVMF.inteltdx.ms.fd"
DESCRIPTOR = "usr/share/qemu/firmware/60-edk2-x86_64-inteltdx.json"
OWN = "etc/qemu/firmware/10-own.json"
NAME = "agreement"
OTHERS = 980  # A user and group of nobody here.
CAP_DAC_OVERRIDE = 1  # linux/capability.h


class Agreement(unittest.TestCase):
    """One host; each test leaves it as it was."""

    @classmethod
    def setUpClass(cls):
        cls.lab = cls.enterClassContext(harness.Lab("full"))
        cls.daemon = cls.enterClassContext(Daemon.on(cls.lab))
        request = domain_request(make_disk(cls.lab), name=NAME)
        request.dry_run = True
        xml = cls.daemon.call("DefineTdxDomain", request).xml
        cls.xml = f"{IMAGES}/{NAME}.xml"
        pathlib.Path(f"{cls.lab.host_root}{cls.xml}").write_text(re.sub("<uuid>.*</uuid>", "", xml))
        cls.firmware = cls.lab.host_root / FIRMWARE

    def starts(self):
        """Whether libvirt defines a trust domain and QEMU starts it; what was said."""
        done = self.lab.virsh(stdin=f"define {self.xml}\nstart {NAME}\n", check=False)
        state = self.lab.virsh("domstate", NAME, check=False).stdout.strip()
        self.lab.virsh(stdin=f"destroy {NAME}\nundefine {NAME}\n", check=False)
        return state == "running", done.stdout + done.stderr

    def check_agreement(self, expected):
        """expected: whether a guest starts here, which the lab's QEMU is asked first."""
        started, words = self.starts()
        self.assertEqual(expected, started, words)
        model = model_of(self.daemon.refreshed().capabilities, "INTEL_TDX")
        # What a new file measures to is known a reading later.
        model = model_of(self.daemon.refreshed().capabilities, "INTEL_TDX")
        self.assertEqual("SUPPORTED" if expected else "UNSUPPORTED", verdict_of(model.verdict),
                         f"{found_of(model)['FIRMWARE']}\n{words}")

    @contextlib.contextmanager
    def firmware_with(self, content):
        good = self.firmware.read_bytes()
        self.firmware.write_bytes(content(good))
        try:
            yield
        finally:
            self.firmware.write_bytes(good)

    @contextlib.contextmanager
    def own_descriptor(self, **fields):
        own = self.lab.host_root / OWN
        good = json.loads((self.lab.host_root / DESCRIPTOR).read_text())
        own.write_text(json.dumps({**good, **fields}))
        try:
            yield own
        finally:
            own.unlink()

    def test_plain_host(self):
        self.check_agreement(True)

    def test_firmware_that_root_alone_may_read(self):
        self.firmware.chmod(0)  # As whom QEMU runs here.
        try:
            self.check_agreement(True)
        finally:
            self.firmware.chmod(0o644)

    def test_quote_service_that_is_for_others_alone(self):
        """Root, as whom QEMU runs here, needs the right to override file modes: doctor's PASS
        stands on it."""
        socket = self.lab.host_root / "run/tdx-qgs/qgs.socket"
        os.chown(socket, OTHERS, OTHERS)
        socket.chmod(0o600)
        self.addCleanup(self.lab.virsh, check=False,
                        stdin=f"destroy {NAME}\nundefine {NAME}\n")
        self.lab.virsh(stdin=f"define {self.xml}\nstart {NAME}\n")
        status = self.lab.run(
            "sh", "-c", f'cat "/proc/$(cat /run/libvirt/qemu/{NAME}.pid)/status"').stdout
        self.assertRegex(status, r"Uid:\t0\t0\t0\t0\n")
        effective = int(re.search(r"CapEff:\t(\w+)", status)[1], 16)
        overrides = bool(effective & 1 << CAP_DAC_OVERRIDE)
        check = found_of(model_of(self.daemon.refreshed().capabilities, "INTEL_TDX"))
        access = check["QUOTE_SERVICE_ACCESS"]
        self.assertEqual((True, v1.CHECK_RESULT_PASS), (overrides, access.result), access)
        socket.chmod(0o666)

    def test_firmware_that_is_something_else(self):
        for content in (lambda good: b"", lambda good: b"x" * (1 << 20),
                        lambda good: good[:len(good) // 2]):
            with self.firmware_with(content):
                self.check_agreement(False)
        self.check_agreement(True)

    def test_firmware_that_is_plain_ovmf(self):
        plain = (self.lab.host_root / "usr/share/OVMF/OVMF_CODE_4M.fd").read_bytes()
        with self.firmware_with(lambda good: plain):
            self.check_agreement(False)

    def test_firmware_by_an_odd_name(self):
        for name in ("with space.fd", "it's.fd", 'quoted".fd', "a,b=c.fd", "ümlaut.fd", "&lt;.fd",
                     "back\\slash.fd", "new\nline.fd"):
            with self.subTest(name):
                path = self.firmware.parent / name
                path.write_bytes(self.firmware.read_bytes())
                try:
                    with self.own_descriptor(mapping={"device": "memory",
                                                      "filename": f"/usr/share/ovmf/{name}"}):
                        started, _ = self.starts()
                        self.check_agreement(started)
                finally:
                    path.unlink()

    def test_firmware_by_a_link(self):
        link = self.firmware.parent / "link.fd"
        for target, starts in ((self.firmware.name, True), ("/nowhere", False)):
            link.symlink_to(target)
            try:
                with self.own_descriptor(mapping={"device": "memory",
                                                  "filename": "/usr/share/ovmf/link.fd"}):
                    self.check_agreement(starts)
            finally:
                link.unlink()

    def test_descriptor_that_nobody_may_read(self):
        with self.own_descriptor() as own:
            own.chmod(0)
            self.check_agreement(True)

    def test_descriptor_for_another_machine_beside_the_good_one(self):
        with self.own_descriptor(targets=[{"architecture": "x86_64", "machines": ["pc-q35-2.*"]}]):
            self.check_agreement(True)


if __name__ == "__main__":
    harness.main()
