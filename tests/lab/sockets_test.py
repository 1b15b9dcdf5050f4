#!/usr/bin/python3
"""Which socket of libvirt ccplaced takes on a host whose files are below --host_root, when nobody
names one."""

import shutil
import unittest

import harness
from harness.contract import v1
from harness.daemon import Daemon


class InAContainer(Daemon):
    """ccplaced with nothing in its own /run/libvirt."""

    def command(self):
        hide = 'mkdir -p /run/libvirt && mount -t tmpfs tmpfs /run/libvirt && exec "$@"'
        return ["unshare", "--mount", "sh", "-c", hide, "sh", *super().command()]


class SocketsOfAHost(unittest.TestCase):
    """The lab's real libvirt by the names that libvirt's daemons give their sockets."""

    @classmethod
    def setUpClass(cls):
        cls.lab = cls.enterClassContext(harness.Lab("full"))
        cls.folder = cls.lab.host_root / "run/libvirt"
        cls.real = cls.lab.uri.partition("socket=")[2]

    def setUp(self):
        self.folder.mkdir()
        self.addCleanup(shutil.rmtree, self.folder)

    def daemon(self):
        return InAContainer([f"--host_root={self.lab.host_root}", "--node_name=lab"])

    def verdict(self):
        """Of Intel TDX, and what its checks found."""
        with self.daemon() as daemon:
            model = next(each for each in daemon.refreshed().capabilities.models
                         if each.model == v1.ENCRYPTION_MODEL_INTEL_TDX)
        return v1.Support.Name(model.verdict), " ".join(check.found for check in model.checks)

    def test_the_modular_daemons_is_found_where_libvirtds_is_absent(self):
        (self.folder / "virtqemud-sock").symlink_to(self.real)
        self.assertEqual("SUPPORT_SUPPORTED", self.verdict()[0])

    def test_libvirtds_is_found_where_the_modular_daemons_is_absent(self):
        (self.folder / "libvirt-sock").symlink_to(self.real)
        self.assertEqual("SUPPORT_SUPPORTED", self.verdict()[0])

    def test_where_neither_is_both_are_named(self):
        verdict, found = self.verdict()
        self.assertEqual("SUPPORT_UNKNOWN", verdict)
        self.assertIn("neither virtqemud-sock nor libvirt-sock is in", found)


if __name__ == "__main__":
    harness.main()
