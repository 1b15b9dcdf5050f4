"""The built ccplaced as systemd starts it: readiness, watchdog, and sockets that are handed over.

usage: CCPLACED=PROGRAM systemd_test.py
"""

import contextlib
import os
import pathlib
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unittest

TESTS = pathlib.Path(__file__).resolve().parents[1]
sys.path[:0] = [str(TESTS / "lab"), str(TESTS / "reliability" / "helpers"), str(TESTS / "support")]

import grpc  # noqa: E402

from harness import contract  # noqa: E402
from harness.contract import v1  # noqa: E402
from harness.daemon import open_channel, program  # noqa: E402
from requests_to_simulated import definition  # noqa: E402
from unix_socket import connect  # noqa: E402

PATIENCE_S = 30
SIMULATE = "--simulate"


class SystemdTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="ccplace-systemd-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.notices = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.addCleanup(self.notices.close)
        self.notices.bind(str(self.folder / "notify"))
        self.notices.settimeout(PATIENCE_S)

    def start(self, *flags, env=(), listeners=(), stderr=subprocess.DEVNULL):
        """ccplaced with systemd's variables; `listeners` become its descriptors 3 and up."""
        def hand_over():
            moved = [os.dup2(listener.fileno(), 100 + i) for i, listener in enumerate(listeners)]
            for i, descriptor in enumerate(moved):
                os.dup2(descriptor, 3 + i, inheritable=True)

        command = 'LISTEN_PID=$$ exec setpriv --pdeathsig KILL "$@"'
        process = subprocess.Popen(
            ["sh", "-c", command, "sh", program(), SIMULATE, *flags], stderr=stderr,
            close_fds=False, preexec_fn=hand_over,
            env={**os.environ, "NOTIFY_SOCKET": str(self.folder / "notify"), **dict(env)})
        self.addCleanup(process.wait, PATIENCE_S)
        self.addCleanup(process.kill)
        return process

    def notice(self):
        return self.notices.recv(4096).decode()

    def test_tells_when_it_is_ready_alive_and_stopping(self):
        process = self.start(f"--operator_socket={self.folder}/op.sock", "--readonly_socket=",
                             env={"WATCHDOG_USEC": "400000"})
        self.assertEqual(self.notice(), "READY=1")
        with connect(self.folder / "op.sock"):
            pass
        for _ in range(3):
            self.assertEqual(self.notice(), "WATCHDOG=1")
        process.terminate()
        said = self.notice()
        while said == "WATCHDOG=1":
            said = self.notice()
        self.assertEqual(said, "STOPPING=1")
        self.assertEqual(process.wait(PATIENCE_S), 0)

    def test_gives_signs_of_life_while_signals_pour_in(self):
        process = self.start(f"--operator_socket={self.folder}/op.sock", "--readonly_socket=",
                             env={"WATCHDOG_USEC": "600000"})
        self.assertEqual(self.notice(), "READY=1")
        deadline = time.monotonic() + PATIENCE_S
        self.notices.settimeout(0.05)
        while time.monotonic() < deadline:
            process.send_signal(signal.SIGHUP)
            with contextlib.suppress(TimeoutError):
                self.assertEqual(self.notice(), "WATCHDOG=1")
                return
        self.fail("no sign of life")

    def test_serves_on_the_sockets_that_systemd_made_and_leaves_their_names(self):
        listeners = [self.listening("op.sock"), self.listening("ro.sock")]
        process = self.start(
            f"--operator_socket={self.folder}/none.sock", f"--readonly_socket={self.folder}/no.sock",
            env={"LISTEN_FDS": "2", "LISTEN_FDNAMES": "operator:readonly"}, listeners=listeners)
        self.assertEqual(self.notice(), "READY=1")
        with open_channel(self.folder / "op.sock") as channel:
            host = contract.HostServiceStub(channel)
            self.assertTrue(host.DefineTdxDomain(definition(1), timeout=PATIENCE_S).running)
        with open_channel(self.folder / "ro.sock") as channel:
            host = contract.HostServiceStub(channel)
            self.assertEqual(len(host.ListTdxDomains(v1.ListTdxDomainsRequest()).domains), 1)
            with self.assertRaises(grpc.RpcError) as refused:
                host.DefineTdxDomain(definition(2), timeout=PATIENCE_S)
            self.assertEqual(refused.exception.code(), grpc.StatusCode.PERMISSION_DENIED)
        process.terminate()
        self.assertEqual(process.wait(PATIENCE_S), 0)
        self.assertTrue((self.folder / "op.sock").exists())
        self.assertFalse((self.folder / "none.sock").exists())

    def assert_refused(self, listeners, names, words):
        """Not started on `listeners`, which systemd calls `names`, for a cause that has `words`."""
        process = self.start(
            f"--operator_socket={self.folder}/none.sock", f"--readonly_socket={self.folder}/no.sock",
            env={"LISTEN_FDS": str(len(listeners)), "LISTEN_FDNAMES": names}, listeners=listeners,
            stderr=subprocess.PIPE)
        with process.stderr as said:
            self.assertEqual(process.wait(PATIENCE_S), 1)
            self.assertIn(words, said.read().decode())

    def listening(self, name):
        listener = socket.socket(socket.AF_UNIX)
        self.addCleanup(listener.close)
        listener.bind(str(self.folder / name))
        listener.listen(8)
        return listener

    def test_refuses_sockets_of_systemd_that_it_would_never_serve(self):
        self.assert_refused([self.listening("op.sock")], "ccplaced.socket",
                            "set FileDescriptorName= to operator or readonly")
        self.assert_refused([self.listening("a.sock"), self.listening("b.sock")],
                            "operator:operator", "hands over 2 sockets named operator")

    def test_takes_nothing_but_a_listening_unix_socket_of_systemd(self):
        with socket.create_server(("127.0.0.1", 0)) as tcp, \
                socket.socket(socket.AF_UNIX) as silent, \
                socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as datagrams:
            silent.bind(str(self.folder / "silent.sock"))
            datagrams.bind(str(self.folder / "datagrams.sock"))
            for other in tcp, silent, datagrams:
                self.assert_refused([other], "operator", "operator socket: what systemd hands over")
            self.assert_refused([tcp], "readonly", "read-only socket: what systemd hands over")


if __name__ == "__main__":
    unittest.main(verbosity=2)
