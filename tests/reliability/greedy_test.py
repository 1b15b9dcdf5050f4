"""The built ccplaced and callers who take all that they are given. Run as root: it speaks as others.

usage: CCPLACED=PROGRAM greedy_test.py
"""

import contextlib
import os
import pathlib
import signal
import sys
import threading
import time
import unittest

TESTS = pathlib.Path(__file__).resolve().parents[1]
sys.path[:0] = [str(TESTS / "lab"), str(TESTS / "reliability" / "helpers"), str(TESTS / "support")]

import grpc  # noqa: E402

from harness import contract  # noqa: E402
import half_sent  # noqa: E402
from harness.contract import v1  # noqa: E402
from harness.daemon import Daemon  # noqa: E402
from requests_to_simulated import definition  # noqa: E402
from unix_socket import connect  # noqa: E402
from waiting import wait_for  # noqa: E402

PATIENCE_S = 30
FLOODS = 4
FLOOD_SECONDS = 3
FLOOD_REQUESTS = 60000  # Of one connection; some 16 KiB each that are not cleared away.
SENT_AT_ONCE = 1 << 16
# Such floods take twice as much in that time where nothing stops them; they are cut from 208 on.
TOO_MUCH_MIB = 1024
CANCEL = b"\0\0\0\x08"


def resident_mib(pid):
    pages = int(pathlib.Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") >> 20


def own_channel(path):
    """A channel to a unix socket that shares no other's connection."""
    return grpc.insecure_channel(f"unix:{path}", options=[("grpc.use_local_subchannel_pool", 1)])


def reset_requests():
    """A connection's requests that are reset as soon as they are begun (CVE-2023-44487)."""
    head = half_sent.headers_of("TdxInventory")
    return half_sent.PREFACE + half_sent.frame(half_sent.SETTINGS, 0, 0) + b"".join(
        half_sent.frame(half_sent.HEADERS, half_sent.END_HEADERS, stream, head)
        + half_sent.frame(half_sent.RST_STREAM, 0, stream, CANCEL)
        for stream in range(1, FLOOD_REQUESTS * 2, 2))


def flood(path, requests, over):
    """Sends `requests` again and again, each time on a new connection, until `over` is set."""
    while not over.is_set():
        with contextlib.suppress(OSError), connect(path) as client:
            client.settimeout(PATIENCE_S)
            for begin in range(0, len(requests), SENT_AT_ONCE):
                if over.is_set():
                    return
                client.sendall(requests[begin:begin + SENT_AT_ONCE])


class GreedyUserTest(unittest.TestCase):
    """Users of the host who take all that they are given. This speaks as each: it must be root."""

    GREEDY, MODEST = 65534, 65533
    FLAGS = ("--simulate", "--max_connections=24", "--max_connections_per_caller=8",
             "--max_watchers_per_caller=4")

    @contextlib.contextmanager
    def daemon(self, *flags):
        with Daemon([*self.FLAGS, *flags]) as daemon, contextlib.ExitStack() as self.clients:
            daemon.folder.chmod(0o755)
            yield daemon

    @contextlib.contextmanager
    def user(self, uid):
        """What connects meanwhile is that user's, as the kernel tells it."""
        os.seteuid(uid)
        try:
            yield
        finally:
            os.seteuid(0)

    def clients_of(self, uid, path, number):
        with self.user(uid):
            clients = [connect(path) for _ in range(number)]
        for client in clients:
            client.settimeout(PATIENCE_S)
            self.clients.callback(client.close)
        return clients

    def let_in(self, daemon, uid, tries):
        """As many of that user's connections to the read-only socket as are not closed at once."""
        kept = []
        for client in self.clients_of(uid, daemon.readonly_socket, tries):
            with contextlib.suppress(ConnectionResetError):
                if client.recv(1):  # gRPC speaks first.
                    kept.append(client)
        return kept

    def assert_served(self, path, uid):
        with self.user(uid), own_channel(path) as channel:
            wait_for(f"service for user {uid}", lambda: contract.is_serving(channel), PATIENCE_S)

    def test_one_user_takes_no_more_connections_than_a_users_and_is_logged_once(self):
        with self.daemon() as daemon:
            kept = self.let_in(daemon, self.GREEDY, 200)
            self.assertEqual(len(kept), 8)
            self.assert_served(daemon.readonly_socket, self.MODEST)
            self.assert_served(daemon.socket, 0)
            self.assertTrue(daemon.call("DefineTdxDomain", definition(1)).running)
            refusals = [line for line in daemon.log().splitlines() if "closed a new one" in line]
            self.assertIn(f"user {self.GREEDY} has 8 connections on the read-only socket already",
                          refusals[0])
            # One more for each ten seconds that this takes.
            self.assertLess(len(refusals), 10)
            kept.pop().close()
            wait_for("place that was given away", lambda: self.let_in(daemon, self.GREEDY, 1),
                     PATIENCE_S)

    def test_many_users_together_fill_the_readonly_socket_and_not_the_operators(self):
        with self.daemon() as daemon:
            kept = [client for uid in range(60001, 60005)
                    for client in self.let_in(daemon, uid, 20)]
            self.assertEqual(len(kept), 24)
            self.assert_served(daemon.socket, 0)
            self.assertTrue(daemon.call("DefineTdxDomain", definition(1)).running)

    def test_one_user_takes_no_more_watchers_than_a_users(self):
        with self.daemon() as daemon:
            def watch_as(uid):
                with self.user(uid):
                    channel = self.clients.enter_context(
                        own_channel(daemon.readonly_socket))
                    states = contract.HostServiceStub(channel).WatchHost(
                        v1.WatchHostRequest(), timeout=PATIENCE_S)
                    next(states)
                    return states

            kept = [watch_as(self.GREEDY) for _ in range(4)]
            with self.assertRaises(grpc.RpcError) as refused:
                watch_as(self.GREEDY)
            self.assertEqual(refused.exception.code(), grpc.StatusCode.RESOURCE_EXHAUSTED)
            self.assertTrue(watch_as(self.MODEST).is_active())
            self.assertTrue(all(states.is_active() for states in kept))

    def test_one_users_refusals_leave_room_in_the_audit_for_anothers(self):
        with self.daemon() as daemon:
            def define_as(uid, number):
                with self.user(uid), own_channel(daemon.readonly_socket) as channel:
                    host = contract.HostServiceStub(channel)
                    with self.assertRaises(grpc.RpcError):
                        host.DefineTdxDomain(definition(number), timeout=PATIENCE_S)

            for number in range(60):
                define_as(self.GREEDY, number)
            define_as(self.MODEST, 99)
            told = [line for line in daemon.audit() if line["rpc"] == "DefineTdxDomain"]
            self.assertEqual(told[-1]["uuid"], definition(99).domain.uuid)
            self.assertIn(f"uid={self.MODEST} ", told[-1]["caller"])
            self.assertLessEqual(len(told), 41)  # Ten seconds can be over once meanwhile.

    @contextlib.contextmanager
    def flooded(self, daemon):
        """Meanwhile that user floods the read-only socket."""
        over, requests = threading.Event(), reset_requests()
        floods = [threading.Thread(target=flood, args=(daemon.readonly_socket, requests, over))
                  for _ in range(FLOODS)]
        with self.user(self.GREEDY):
            for thread in floods:
                thread.start()
            try:
                yield
            finally:
                over.set()
                for thread in floods:
                    thread.join()

    def test_requests_that_are_reset_at_once_are_cut_before_they_take_the_memory(self):
        with self.daemon("--grpc_memory_mib=16") as daemon:
            taken_mib = []

            def is_cut():
                taken_mib.append(resident_mib(daemon.process.pid))
                return "memory has grown" in daemon.log() or taken_mib[-1] > TOO_MUCH_MIB

            with self.flooded(daemon):
                wait_for("cut", is_cut, PATIENCE_S)
                end = time.monotonic() + FLOOD_SECONDS
                wait_for("end", lambda: is_cut() and time.monotonic() > end, PATIENCE_S)
            self.assertLess(max(taken_mib), TOO_MUCH_MIB)
            self.assertIn("memory has grown", daemon.log())
            self.assert_served(daemon.socket, 0)
            self.assert_served(daemon.readonly_socket, self.MODEST)
            self.assertTrue(daemon.call("DefineTdxDomain", definition(1)).running)
            wait_for("memory that was given back",
                     lambda: resident_mib(daemon.process.pid) < 150, PATIENCE_S)

    def test_a_silent_connection_does_not_hold_up_the_end(self):
        with self.daemon() as daemon:
            self.assertEqual(len(self.let_in(daemon, self.GREEDY, 3)), 3)
            begin = time.monotonic()
            self.assertEqual(daemon.end(signal.SIGTERM), 0)
            self.assertLess(time.monotonic() - begin, 15)  # gRPC alone would wait 20.


if __name__ == "__main__":
    unittest.main(verbosity=2)
