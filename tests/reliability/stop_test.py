"""The built ccplaced asked to stop while callers hold on to it that do nothing for their part.

usage: CCPLACED=PROGRAM stop_test.py
"""

import contextlib
import pathlib
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import unittest

TESTS = pathlib.Path(__file__).resolve().parents[1]
LAB = str(TESTS / "lab")
sys.path[:0] = [LAB, str(TESTS / "reliability" / "helpers"), str(TESTS / "support")]

import half_sent  # noqa: E402
import hung_files  # noqa: E402
from harness.contract import v1  # noqa: E402
from harness.daemon import Daemon, Refusal, open_channel  # noqa: E402
from deaf_caller import DeafCaller  # noqa: E402
from loopback import free_port  # noqa: E402
from requests_to_simulated import definition  # noqa: E402
from silent_libvirtd import SilentLibvirtd  # noqa: E402
from waiting import wait_for  # noqa: E402

PATIENCE_S = 30
# A stop with nothing to do takes a second or three. gRPC by itself waits twenty for a caller that is
# frozen, and for one that takes nothing in for ever.
SOON_S = 12

CALLER = """
import sys
sys.path.insert(0, sys.argv[1])
from harness import contract, daemon
host = contract.HostServiceStub(daemon.open_channel(sys.argv[2]))
host.TdxInventory(contract.v1.TdxInventoryRequest())
states = host.WatchHost(contract.v1.WatchHostRequest()) if sys.argv[3] == "watching" else None
print(states and next(states) and "watching" or "idle", flush=True)
sys.stdin.read()
"""


class StopTest(unittest.TestCase):
    def setUp(self):
        self.port = free_port()
        self.daemon = self.enterContext(
            Daemon(["--simulate", f"--plaintext_address=127.0.0.1:{self.port}"]))

    def freeze_caller(self, doing):
        """A caller that was served, is `doing` "idle" or "watching", and moves no more."""
        caller = subprocess.Popen(
            [sys.executable, "-c", CALLER, LAB, str(self.daemon.readonly_socket), doing],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.addCleanup(caller.communicate)
        self.addCleanup(caller.kill)
        self.assertEqual(caller.stdout.readline(), f"{doing}\n")
        caller.send_signal(signal.SIGSTOP)

    def assert_stops_soon(self):
        begin = time.monotonic()
        self.assertEqual(self.daemon.end(signal.SIGTERM), 0)
        self.assertLess(time.monotonic() - begin, SOON_S)

    def test_does_not_wait_for_callers_that_are_frozen(self):
        self.freeze_caller("idle")
        self.freeze_caller("watching")
        self.assert_stops_soon()

    def test_does_not_wait_for_connections_without_a_call_of_the_service(self):
        with contextlib.ExitStack() as open_ones:
            unix = open_ones.enter_context(socket.socket(socket.AF_UNIX))
            unix.connect(str(self.daemon.readonly_socket))
            open_ones.enter_context(socket.create_connection(("127.0.0.1", self.port)))
            channel = open_ones.enter_context(open_channel(self.daemon.readonly_socket))
            health = channel.unary_stream("/grpc.health.v1.Health/Watch")(b"")
            next(health)
            self.daemon.call("TdxInventory")
            self.assert_stops_soon()

    def test_does_not_wait_for_requests_that_are_not_whole(self):
        sender = half_sent.HalfSender(self.daemon.readonly_socket, 4, 5000)
        self.addCleanup(sender.close)
        for _ in range(20):
            sender.step()
        self.daemon.call("TdxInventory")
        self.assert_stops_soon()

    def test_does_not_wait_for_a_caller_that_takes_no_answer_in(self):
        deaf = DeafCaller(self.daemon.readonly_socket)
        self.addCleanup(deaf.close)
        wait_for("full socket", deaf.waiting_bytes, PATIENCE_S, lambda size: size > 100_000)
        self.assert_stops_soon()

    def test_tells_a_watcher_that_it_stops(self):
        with self.daemon.watching() as watch:
            next(watch)
            self.daemon.process.send_signal(signal.SIGTERM)
            end = Refusal(watch)
            self.assertEqual((end.code, end.retry), ("UNAVAILABLE", True))
            self.assertIn("the daemon is stopping", end.message)


class StopWithHungFilesTest(unittest.TestCase):
    """Stopping while a file system of the host's does not answer."""

    def setUp(self):
        hung_files.leave_the_machines_mounts()
        self.root = pathlib.Path(self.enterContext(
            tempfile.TemporaryDirectory(prefix="ccplace-host-", ignore_cleanup_errors=True)))
        self.sys = self.root / "sys"
        self.sys.mkdir()

    def test_a_file_that_hangs_does_not_hold_up_the_end(self):
        with Daemon([f"--host_root={self.root}", "--libvirt_uri=test:///default",
                     "--shutdown_timeout=5m"]) as daemon:
            self.addCleanup(hung_files.HungFiles(self.sys).close)
            with self.assertRaises(Refusal) as hung:
                daemon.call("HostCapabilities", v1.HostCapabilitiesRequest(refresh=True), 2)
            self.assertEqual(hung.exception.code, "DEADLINE_EXCEEDED")
            self.assertEqual(daemon.end(signal.SIGTERM), 0)
            self.assertIn("its file system hangs", daemon.log())


class StopWithStuckDefineTest(unittest.TestCase):
    """Stopping while a define waits for a libvirtd that does not answer."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="ccplace-silent-")
        self.addCleanup(folder.cleanup)
        self.libvirtd = SilentLibvirtd(folder.name)
        self.addCleanup(self.libvirtd.close)

    @contextlib.contextmanager
    def stuck_define(self, *flags):
        """A daemon with a define under way, and where its end will be."""
        with Daemon([f"--libvirt_uri={self.libvirtd.uri}", *flags]) as daemon:
            image = daemon.folder / "disk.raw"
            image.write_bytes(b"\0" * 512)
            request = definition(1)
            request.domain.disks[0].file.path = str(image)
            end = []
            caller = threading.Thread(
                target=lambda: end.append(daemon.refusal("DefineTdxDomain", request)))
            caller.start()
            wait_for("begun define", daemon.audit, PATIENCE_S)
            self.assertEqual(end, [])
            try:
                yield daemon, end
            finally:
                if daemon.process is not None:
                    daemon.end(signal.SIGKILL)
                caller.join(PATIENCE_S)

    def test_ends_within_its_limit_and_answers_the_define_that_is_stuck(self):
        with self.stuck_define("--shutdown_timeout=1s") as (daemon, end):
            begin = time.monotonic()
            self.assertEqual(daemon.end(signal.SIGTERM), 0)
            self.assertLess(time.monotonic() - begin, 20)  # Of the define's thirty.
            wait_for("answer to the caller", lambda: end, PATIENCE_S)
            self.assertEqual((end[0].code, end[0].retry), ("UNAVAILABLE", True))
            self.assertIn("calls are left behind", daemon.log())

    def test_a_reading_that_is_stuck_does_not_hold_up_the_end(self):
        with Daemon([f"--libvirt_uri={self.libvirtd.uri}", "--shutdown_timeout=5m"]) as daemon:
            self.assertTrue(daemon.call("TdxInventory").freshness.hypervisor.stale)
            self.assertEqual(daemon.end(signal.SIGTERM), 0)
            self.assertIn("calls are left behind", daemon.log())

    def test_a_second_signal_ends_it_at_once(self):
        with self.stuck_define("--shutdown_timeout=1m") as (daemon, _):
            daemon.process.send_signal(signal.SIGTERM)
            daemon.wait_for_log("stopping")
            time.sleep(0.5)
            self.assertIsNone(daemon.process.poll())
            self.assertEqual(daemon.end(signal.SIGTERM), -signal.SIGTERM)

    def test_a_write_that_comes_too_late_is_refused_and_in_the_audit(self):
        with self.stuck_define("--shutdown_timeout=1m") as (daemon, _):
            daemon.process.send_signal(signal.SIGTERM)
            wait_for("end of service", lambda: self.is_refused(daemon), PATIENCE_S)
            request = definition(2)
            refusal = daemon.refusal("DefineTdxDomain", request)
            self.assertEqual((refusal.code, refusal.retry), ("UNAVAILABLE", True))
            self.assertEqual([line["verdict"] for line in daemon.audit()
                              if line["uuid"] == request.domain.uuid], ["UNAVAILABLE"])

    def is_refused(self, daemon):
        try:
            daemon.call("TdxInventory")
        except Refusal:
            return True
        return False

    def test_reads_are_answered_while_libvirtd_is_silent(self):
        with self.stuck_define() as (daemon, end):
            self.assertTrue(daemon.call("TdxInventory").freshness.hypervisor.stale)
            self.assertEqual(end, [])  # It still waits.


if __name__ == "__main__":
    unittest.main(verbosity=2)
