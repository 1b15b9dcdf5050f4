#!/usr/bin/python3
"""The questions to libvirt for firmware: how many there are, and what becomes of them in outages."""

import contextlib
import signal
import threading
import unittest

import harness
from harness.contract import v1
from harness.daemon import Daemon
from harness.libvirt_proxy import DOMAIN_XML_TO_NATIVE, LibvirtProxy
from outages_test import SETTLE_SECONDS, SHORT_SECONDS, OnHostOfItsOwn

WAYS = 3  # Secure boot unstated, off, on.


class Count(unittest.TestCase):
    """How often libvirt is asked."""

    def test_libvirt_is_asked_again_only_when_something_changed(self):
        with harness.Lab("full") as lab, LibvirtProxy(lab.uri) as proxy:
            with Daemon.on(lab, f"--libvirt_uri={proxy.uri}") as daemon:
                def asked():
                    for _ in range(3):
                        daemon.refreshed()
                    count = proxy.calls[DOMAIN_XML_TO_NATIVE]
                    proxy.calls.clear()
                    return count

                self.assertEqual(WAYS, asked())
                self.assertEqual(0, asked())
                mask = lab.host_root / "etc/qemu/firmware/60-edk2-x86_64-inteltdx.json"
                mask.touch()
                self.assertEqual(WAYS, asked())
                mask.unlink()
                self.assertEqual(WAYS, asked())
                daemon.process.send_signal(signal.SIGHUP)
                daemon.wait_for_log("read the host anew")
                self.assertEqual(WAYS, asked())
                self.assertEqual(0, asked())


class Outages(OnHostOfItsOwn):
    """Each test changes what libvirt has to choose firmware from, so that it is asked."""

    GOOD = "/usr/share/ovmf/OVMF.inteltdx.ms.fd"

    def setUp(self):
        super().setUp()
        self.wait_until_fresh()

    def tdx(self):
        return self.daemon.call("HostCapabilities", seconds=SHORT_SECONDS).capabilities.models[0]

    def finding(self):
        tdx = self.daemon.refreshed().capabilities.models[0]
        return next(check for check in tdx.checks if check.kind == v1.CHECK_KIND_FIRMWARE)

    def mask_descriptor(self):
        """From now on libvirt refuses every trust domain."""
        (self.lab.host_root / "etc/qemu/firmware/60-edk2-x86_64-inteltdx.json").touch()

    def assert_refused_by_libvirt(self):
        self.wait_until_fresh()
        finding = self.finding()
        self.assertEqual(("libvirt", v1.CHECK_RESULT_FAIL), (finding.source, finding.result))
        self.assertIn("Unable to find 'efi' firmware", finding.found)

    def assert_old_answer_is_served(self):
        """On every serving thread, and said to be old."""
        for name in ("HostCapabilities", "TdxInventory", "ListTdxDomains", "ValidateRequest"):
            answer = self.daemon.call(name, seconds=SHORT_SECONDS)
            self.assertTrue(answer.freshness.hypervisor.stale, name)
            self.assertTrue(answer.freshness.hypervisor.reason, name)
        self.assertEqual((v1.SUPPORT_SUPPORTED, self.GOOD),
                         (self.tdx().verdict, self.tdx().firmware.path))


class LostQuestion(Outages):
    """libvirtd stalls or dies with the question for firmware in hand."""

    def flags(self):
        self.proxy = self.enterContext(LibvirtProxy(self.lab.uri, DOMAIN_XML_TO_NATIVE))
        return [f"--libvirt_uri={self.proxy.uri}"]

    @contextlib.contextmanager
    def stopped_with_a_question(self):
        """libvirtd is stopped just before it gets the next question, until the block ends."""
        in_hand, stop = threading.Event(), contextlib.ExitStack()

        def stop_once():
            if not in_hand.is_set():
                stop.enter_context(self.lab.paused())
                in_hand.set()

        self.proxy.before_call = stop_once
        with stop:
            yield in_hand

    def test_answer_is_old_while_libvirtd_stalls_and_new_after(self):
        with self.stopped_with_a_question() as in_hand:
            self.mask_descriptor()
            self.assertTrue(in_hand.wait(SETTLE_SECONDS))
            self.wait_until_stale()
            self.assert_old_answer_is_served()
        self.assert_refused_by_libvirt()

    def test_answer_is_old_while_libvirtd_is_gone_and_asked_for_anew_after(self):
        with self.stopped_with_a_question() as in_hand:
            self.mask_descriptor()
            self.assertTrue(in_hand.wait(SETTLE_SECONDS))
            with self.lab.killed():
                self.wait_until_stale()
                self.assert_old_answer_is_served()
                self.proxy.calls.clear()
        self.assert_refused_by_libvirt()
        self.assertGreater(self.proxy.calls[DOMAIN_XML_TO_NATIVE], 0)

    def test_first_question_that_is_not_answered_leaves_the_verdict_unknown(self):
        self.daemon.hang_up()
        self.daemon.end(signal.SIGTERM)
        with self.stopped_with_a_question() as in_hand:
            self.daemon.start()
            self.assertTrue(in_hand.wait(SETTLE_SECONDS))
            self.assertEqual(v1.SUPPORT_UNKNOWN, self.tdx().verdict)
        self.wait_until_fresh()
        self.assertEqual(v1.SUPPORT_SUPPORTED, self.tdx().verdict)


class ShortOfFiles(Outages):
    """libvirtd may open no more files for a while: it refuses what it would do else."""

    @contextlib.contextmanager
    def no_files(self):
        limit = ("sh", "-c", 'prlimit --pid "$(cat /run/libvirt/libvirtd.pid)" --nofile=$0:')
        self.lab.run(*limit, "3")
        try:
            yield
        finally:
            self.lab.run(*limit, "1024")

    def test_shortage_is_no_verdict_and_passes(self):
        with self.no_files():
            (self.lab.host_root / "etc/qemu/firmware/10-other.json").touch()
            self.wait_until_stale()
            self.assert_old_answer_is_served()
        self.wait_until_fresh()
        self.assertEqual(self.GOOD, self.finding().found)
        self.mask_descriptor()
        self.assert_refused_by_libvirt()


if __name__ == "__main__":
    harness.main()
