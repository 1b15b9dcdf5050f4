#!/usr/bin/python3
"""Which socket of libvirt ccplaced takes on a host whose files are below --host_root, when nobody
names one; and its life with a daemon that its socket starts and that ends when it is idle, as virtqemud."""

import pathlib
import shutil
import signal
import sys
import time
import unittest

import harness
from harness.contract import v1
from harness.daemon import Daemon
from harness.trust_domains import domain_request, make_disk

sys.path.insert(0, str(harness.HERE.parent / "support"))
from waiting import wait_for  # noqa: E402

SETTLE_SECONDS = 60


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


class ModularHost(unittest.TestCase):
    """No libvirtd and no socket of it: what a host of Fedora, RHEL or openSUSE has."""

    IDLE_SECONDS = 2  # Fedora's virtqemud has 120.

    def setUp(self):
        self.lab = self.enterContext(harness.Lab("full"))
        self.lab.make_modular(self.IDLE_SECONDS)
        folder = self.lab.host_root / "run/libvirt"
        folder.mkdir()
        self.libvirtds = pathlib.Path(self.lab.uri.partition("socket=")[2])
        (folder / "virtqemud-sock").symlink_to(self.libvirtds.with_name("virtqemud-sock"))
        self.request = domain_request(make_disk(self.lab))
        self.request.start = True

    def daemon(self):
        return self.enterContext(InAContainer([f"--host_root={self.lab.host_root}",
                                               "--node_name=lab", "--refresh_interval=1s"]))

    def wait_for_verdict(self, daemon, support):
        wait_for("word on Intel TDX", lambda: daemon.call("HostCapabilities"), SETTLE_SECONDS,
                 lambda answer: not answer.freshness.stale
                 and answer.capabilities.models[0].verdict == support)

    def assert_runs(self, daemon):
        self.assertEqual([(self.request.domain.uuid, v1.DOMAIN_STATE_RUNNING)],
                         [(domain.uuid, domain.state)
                          for domain in daemon.call("ListTdxDomains").domains])

    def wait_until_idle_daemon_ends(self):
        wait_for("end of the idle daemon", self.lab.libvirtd, SETTLE_SECONDS, lambda found: not found)

    def test_trust_domain_lives_from_definition_to_removal(self):
        self.assertEqual([], self.lab.libvirtd())
        daemon = self.daemon()
        self.wait_for_verdict(daemon, v1.SUPPORT_SUPPORTED)
        self.assertTrue(daemon.call("DefineTdxDomain", self.request).running)
        self.assert_runs(daemon)
        gone = daemon.call("UndefineTdxDomain", v1.UndefineTdxDomainRequest(
            uuid=self.request.domain.uuid, stop=True))
        self.assertTrue(gone.stopped)
        self.assertFalse(self.libvirtds.exists())
        self.assertEqual([], list(daemon.call("ListTdxDomains").domains))

    def test_connected_ccplaced_keeps_the_daemon_and_without_one_it_ends(self):
        daemon = self.daemon()
        self.wait_for_verdict(daemon, v1.SUPPORT_SUPPORTED)
        started = self.lab.libvirtd()
        until = time.time() + 3 * self.IDLE_SECONDS
        wait_for("readings long after the time of idleness",
                 lambda: daemon.call("HostCapabilities").freshness.hypervisor.read_at.seconds,
                 SETTLE_SECONDS, lambda read_at: read_at > until)
        self.assertEqual(started, self.lab.libvirtd())
        daemon.hang_up()
        self.assertEqual(0, daemon.end(signal.SIGTERM))
        self.wait_until_idle_daemon_ends()
        daemon.start()
        self.wait_for_verdict(daemon, v1.SUPPORT_SUPPORTED)
        self.assertNotEqual(started, self.lab.libvirtd())

    def test_restarted_daemon_is_found_again_with_its_guest(self):
        daemon = self.daemon()
        self.wait_for_verdict(daemon, v1.SUPPORT_SUPPORTED)
        daemon.call("DefineTdxDomain", self.request)
        killed = self.lab.libvirtd()
        self.lab.kill_libvirtd()
        wait_for("other daemon", self.lab.libvirtd, SETTLE_SECONDS,
                 lambda found: found and found != killed)
        self.wait_for_verdict(daemon, v1.SUPPORT_SUPPORTED)
        self.assert_runs(daemon)
        self.assertTrue(daemon.call("DefineTdxDomain", self.request).already_defined)


if __name__ == "__main__":
    harness.main()
