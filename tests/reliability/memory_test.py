"""The memory of the built ccplaced while callers send more than it can hold.

usage: CCPLACED=PROGRAM memory_test.py
"""

import contextlib
import os
import pathlib
import sys
import threading
import time
import unittest

TESTS = pathlib.Path(__file__).resolve().parents[1]
sys.path[:0] = [str(TESTS / "lab"), str(TESTS / "reliability" / "helpers"), str(TESTS / "support")]

import grpc  # noqa: E402

from harness import contract  # noqa: E402
from harness.contract import v1  # noqa: E402
from harness.daemon import Daemon, open_channel  # noqa: E402
from deaf_caller import DeafCaller  # noqa: E402
from half_sent import LONGEST_FRAME, HalfSender  # noqa: E402
from requests_to_simulated import definition  # noqa: E402
from waiting import wait_for  # noqa: E402

PATIENCE_S = 60
MIB = 1 << 20
GRPC_MEMORY_MIB = 16
REQUEST_BYTES = MIB
MOST_GROWTH_MIB = 5 * GRPC_MEMORY_MIB + 64  # As docs/reliability.md says of one endpoint.


def resident_mib(pid):
    pages = int(pathlib.Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / MIB


class Resident:
    """How much memory a process has at its worst while this is entered, and had before."""

    def __init__(self, pid):
        self._pid = pid
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._watch)
        self.before_mib = self.worst_mib = resident_mib(pid)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._end.set()
        self._thread.join()

    def _watch(self):
        while not self._end.wait(0.005):
            self.worst_mib = max(self.worst_mib, resident_mib(self._pid))

    @property
    def growth_mib(self):
        return self.worst_mib - self.before_mib


def large_request(size):
    """A ValidateRequest of exactly `size` bytes, which is read and found wrong."""
    request = v1.ValidateRequestRequest()
    request.flavor.name = "x" * (size - 32)
    request.flavor.name += "x" * (size - request.ByteSize())
    return request


def code_of(channel, request):
    try:
        contract.HostServiceStub(channel).ValidateRequest(request, timeout=PATIENCE_S)
    except grpc.RpcError as error:
        return error.code().name
    return "OK"


class MemoryTest(unittest.TestCase):
    @contextlib.contextmanager
    def daemon(self):
        with Daemon(["--simulate", f"--grpc_memory_mib={GRPC_MEMORY_MIB}",
                     f"--max_request_bytes={REQUEST_BYTES}"]) as daemon:
            daemon.call("TdxInventory")
            yield daemon

    def flood(self, daemon, frame_bytes, seconds):
        """Half-sent requests on the read-only socket, until they are refused and for `seconds` more.

        Both sockets are called meanwhile. The operator's must answer; returns the read-only one's codes.
        """
        codes = set()
        with contextlib.ExitStack() as ends, open_channel(daemon.readonly_socket) as channel:
            senders = [HalfSender(daemon.readonly_socket, 60, REQUEST_BYTES, frame_bytes)
                       for _ in range(4)]
            for sender in senders:
                ends.callback(sender.close)
            deadline = time.monotonic() + PATIENCE_S
            while sum(sender.refused for sender in senders) == 0:
                self.assertLess(time.monotonic(), deadline, "gRPC's memory is never full")
                self.step(senders, daemon)
            deadline = time.monotonic() + PATIENCE_S
            full_until = time.monotonic() + seconds
            while time.monotonic() < full_until or "OK" not in codes:
                self.assertLess(time.monotonic(), deadline, codes)
                self.step(senders, daemon)
                codes.add(code_of(channel, v1.ValidateRequestRequest()))
        return codes

    def step(self, senders, daemon):
        for sender in senders:
            sender.step()
        daemon.call("TdxInventory", seconds=PATIENCE_S)

    def test_half_sent_requests_take_no_more_than_their_share_and_no_place_of_the_operators(self):
        for frame_bytes in (LONGEST_FRAME, 1):
            with self.subTest(f"{frame_bytes} bytes a frame"), self.daemon() as daemon:
                with Resident(daemon.process.pid) as resident:
                    codes = self.flood(daemon, frame_bytes, seconds=2)
                print(f"{frame_bytes} bytes a frame: {resident.before_mib:.0f} MiB grew by "
                      f"{resident.growth_mib:.0f}", file=sys.stderr)
                self.assertLess(resident.growth_mib, MOST_GROWTH_MIB)
                self.assertLessEqual(
                    codes, {"OK", "UNAVAILABLE", "RESOURCE_EXHAUSTED", "CANCELLED"})
                with open_channel(daemon.readonly_socket) as channel:
                    wait_for("answer of the flooded socket",
                             lambda: code_of(channel, large_request(REQUEST_BYTES)), PATIENCE_S,
                             lambda code: code == "INVALID_ARGUMENT")

    def test_answers_or_refuses_many_requests_of_the_largest_size_at_one_time(self):
        with self.daemon() as daemon, contextlib.ExitStack() as channels:
            request = large_request(REQUEST_BYTES)
            codes = []
            own = [("grpc.use_local_subchannel_pool", 1)]
            callers = []
            for _ in range(32):
                channel = channels.enter_context(
                    grpc.insecure_channel(f"unix:{daemon.readonly_socket}", options=own))
                callers.append(threading.Thread(target=lambda channel=channel: codes.extend(
                    code_of(channel, request) for _ in range(4))))
            with Resident(daemon.process.pid) as resident:
                for caller in callers:
                    caller.start()
                for caller in callers:
                    caller.join()
            print(f"whole requests: grew by {resident.growth_mib:.0f} MiB", file=sys.stderr)
            self.assertEqual(len(codes), 128)
            # Unavailable: gRPC closed the connection for the memory's sake (1.51 seldom does).
            self.assertLessEqual(
                set(codes), {"INVALID_ARGUMENT", "RESOURCE_EXHAUSTED", "UNAVAILABLE"})
            self.assertLess(resident.growth_mib, MOST_GROWTH_MIB)

    def test_refuses_a_compressed_request_and_never_unfolds_it(self):
        with self.daemon() as daemon, open_channel(daemon.readonly_socket) as channel:
            bomb = large_request(60 * MIB)
            with Resident(daemon.process.pid) as resident:
                with self.assertRaises(grpc.RpcError) as refused:
                    contract.HostServiceStub(channel).ValidateRequest(
                        bomb, timeout=PATIENCE_S, compression=grpc.Compression.Gzip)
            self.assertEqual(refused.exception.code(), grpc.StatusCode.UNIMPLEMENTED)
            self.assertLess(resident.growth_mib, GRPC_MEMORY_MIB)


class DeafCallersTest(unittest.TestCase):
    """Callers on a unix socket who ask and take no answer in. gRPC's keepalive does not find them."""

    CALLERS = 30
    MOST_EACH_MIB = 4

    def test_cost_a_bounded_place_each_and_hold_up_nobody(self):
        with Daemon(["--simulate"]) as daemon, contextlib.ExitStack() as callers:
            daemon.call("TdxInventory")
            before_mib = resident_mib(daemon.process.pid)
            for _ in range(self.CALLERS):
                deaf = DeafCaller(daemon.readonly_socket)
                callers.callback(deaf.close)
                wait_for("full socket", deaf.waiting_bytes, PATIENCE_S,
                         lambda size: size > 100_000)
            daemon.call("DefineTdxDomain", definition(1))
            self.assertEqual(daemon.call("TdxInventory").keys.defined.value, 1)
            self.assertLess(resident_mib(daemon.process.pid) - before_mib,
                            self.CALLERS * self.MOST_EACH_MIB)

    def test_are_cut_after_the_idle_timeout_and_nobody_else_is(self):
        with Daemon(["--simulate", "--idle_timeout=2s"]) as daemon:
            with open_channel(daemon.readonly_socket) as channel:
                watch = contract.HostServiceStub(channel).WatchHost(v1.WatchHostRequest(),
                                                                    timeout=PATIENCE_S)
                next(watch)
                deaf = DeafCaller(daemon.readonly_socket)
                with contextlib.closing(deaf):
                    daemon.wait_for_log("closed 1 connections that read nothing")
                    self.assertTrue(deaf.is_cut())
                daemon.call("DefineTdxDomain", definition(1))
                self.assertTrue(any(answer.tdx_keys.defined.value == 1 for answer in watch))


if __name__ == "__main__":
    unittest.main(verbosity=2)
