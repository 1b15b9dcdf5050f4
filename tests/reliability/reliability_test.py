"""The built ccplaced under faults of its surroundings: signals, descriptors, logs, callers.

usage: CCPLACED=PROGRAM reliability_test.py
"""

import contextlib
import itertools
import operator
import os
import pathlib
import resource
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

import grpc  # noqa: E402

from harness import contract  # noqa: E402
from harness.contract import v1  # noqa: E402
from harness.daemon import Daemon, open_channel, program  # noqa: E402
from loopback import free_port  # noqa: E402
from requests_to_simulated import definition  # noqa: E402
from silent_libvirtd import SilentLibvirtd  # noqa: E402
from unix_socket import connect  # noqa: E402
from waiting import wait_for  # noqa: E402

PATIENCE_S = 30
MOST_BUSY_S = 0.3  # In a second without work: a loop that never rests takes all it gets.
SIMULATE = "--simulate"


def sockets_of(pid):
    """How many sockets the process has open."""
    count = 0
    for entry in os.scandir(f"/proc/{pid}/fd"):
        with contextlib.suppress(FileNotFoundError):
            count += os.readlink(entry.path).startswith("socket:")
    return count


def processor_seconds(pid):
    """How long the process has been on a processor, by all its threads."""
    text = pathlib.Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
    after_name = text.rpartition(")")[2].split()  # From field 3 on: proc(5).
    return (int(after_name[11]) + int(after_name[12])) / os.sysconf("SC_CLK_TCK")


class FewDescriptorsDaemon(Daemon):
    """A daemon that may open 320 descriptors and no more."""

    def command(self):
        return ["prlimit", "--nofile=320:320", *super().command()]


class LibrariesDaemon(Daemon):
    """A simulated daemon that looks for libraries in a test's folder first."""

    def __init__(self, libraries):
        super().__init__([SIMULATE])
        self._libraries = libraries

    def command(self):
        return ["env", f"LD_LIBRARY_PATH={self._libraries}", *super().command()]


class ElsewhenDaemon(Daemon):
    """A daemon whose wall clock a test sets: libfaketime reads the file `offset`."""

    def command(self):
        self.jump("+0")
        library = next(pathlib.Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))
        return ["env", f"LD_PRELOAD={library}", "FAKETIME_DONT_FAKE_MONOTONIC=1",
                f"FAKETIME_TIMESTAMP_FILE={self.folder}/offset", "FAKETIME_NO_CACHE=1",
                *super().command()]

    def jump(self, offset):
        """The wall clock is off by `offset`, as "+3d", from here on."""
        # At one stroke: libfaketime ends a program that finds half of it.
        (self.folder / "offset.new").write_text(offset)
        (self.folder / "offset.new").replace(self.folder / "offset")


class SignalTest(unittest.TestCase):
    def test_sighup_reads_the_host_anew_and_ends_no_call(self):
        with Daemon([SIMULATE, "--refresh_interval=1h"]) as daemon, daemon.watching() as watch:
            next(watch)
            before = self.read_at(daemon)
            daemon.process.send_signal(signal.SIGHUP)
            daemon.wait_for_log("read the host anew")
            wait_for("later reading of both sources", lambda: self.read_at(daemon), PATIENCE_S,
                     lambda after: all(map(operator.gt, after, before)))
            self.assertTrue(watch.is_active())

    def read_at(self, daemon):
        """When libvirt and the host's files were read, in nanoseconds."""
        said = daemon.call("TdxInventory").freshness
        return [source.read_at.ToNanoseconds() for source in (said.hypervisor, said.host_files)]

    def test_sighup_says_when_the_host_could_not_be_read(self):
        with tempfile.TemporaryDirectory(prefix="ccplace-silent-") as folder:
            libvirtd = SilentLibvirtd(folder)
            self.addCleanup(libvirtd.close)
            flags = [f"--libvirt_uri={libvirtd.uri}", "--hypervisor_timeout=500ms"]
            with Daemon(flags) as daemon:
                daemon.process.send_signal(signal.SIGHUP)
                daemon.wait_for_log("refresh failed: ")
                self.assertNotIn("read the host anew", daemon.log())

    def test_sigterm_under_load_loses_no_answer(self):
        with Daemon([SIMULATE]) as daemon:
            reads, writes = [], {}
            callers = [threading.Thread(target=self.read_on, args=(daemon, reads))
                       for _ in range(4)]
            callers += [threading.Thread(target=self.write_on, args=(daemon, number, writes))
                        for number in range(4)]
            for caller in callers:
                caller.start()
            wait_for("load", lambda: min(len(reads), len(writes)), PATIENCE_S,
                     lambda calls: calls > 100)
            self.assertEqual(daemon.end(signal.SIGTERM), 0)
            for caller in callers:
                caller.join(PATIENCE_S)
            self.assertEqual({"OK", "UNAVAILABLE"}, {*reads, *writes.values()})
            # The audit has each write that reached the daemon, and how it answered it.
            told = {line["request_id"]: line["verdict"] for line in daemon.audit()}
            self.assertEqual(told, {key: writes[key] for key in told})
            self.assertLessEqual({code for key, code in writes.items() if key not in told},
                                 {"UNAVAILABLE"})

    def read_on(self, daemon, codes):
        """Calls until it is refused; `codes` get how each call ended."""
        code = "OK"
        while code == "OK":
            code = self.code_of(daemon.host.TdxInventory, v1.TdxInventoryRequest())
            codes.append(code)

    def write_on(self, daemon, number, codes):
        """Defines and undefines until it is refused; `codes` get how each call ended, by its id."""
        define = definition(number)
        undefine = v1.UndefineTdxDomainRequest(uuid=define.domain.uuid, stop=True)
        steps = itertools.cycle([(daemon.host.DefineTdxDomain, define),
                                 (daemon.host.UndefineTdxDomain, undefine)])
        for count, (method, request) in enumerate(steps):
            key = f"{number}-{count}"
            codes[key] = self.code_of(method, request, key)
            if codes[key] != "OK":
                return

    def code_of(self, method, request, key="none"):
        try:
            method(request, timeout=PATIENCE_S, metadata=[("x-request-id", key)])
            return "OK"
        except grpc.RpcError as error:  # The end of the daemon is told as a code.
            return error.code().name


class ResourceTest(unittest.TestCase):
    def test_outlives_running_out_of_descriptors(self):
        with FewDescriptorsDaemon([SIMULATE]) as daemon:
            idle = [connect(daemon.readonly_socket) for _ in range(500)]
            daemon.wait_for_log("Too many open files")
            # Who is connected is served; a define needs no descriptor here.
            self.assertTrue(daemon.call("DefineTdxDomain", definition(1)).running)
            with open_channel(daemon.readonly_socket) as channel:
                self.check_waits_for(idle, channel, daemon.process.pid)
            self.assertEqual(len(daemon.call("ListTdxDomains").domains), 1)
            wait_for("end of the connections", lambda: sockets_of(daemon.process.pid), PATIENCE_S,
                     lambda count: count < 20)

    def check_waits_for(self, others, channel, pid):
        """That `channel` is served once the `others` are gone, and not before."""
        wait = grpc.channel_ready_future(channel)
        before_s = processor_seconds(pid)
        with self.assertRaises(grpc.FutureTimeoutError):
            wait.result(timeout=1)
        # It tries again now and then, and does not turn on the spot.
        self.assertLess(processor_seconds(pid) - before_s, MOST_BUSY_S, "it takes a processor")
        for client in others:
            client.close()
        wait_for("connection of who waited for a descriptor", wait.done, PATIENCE_S)
        wait_for("service", lambda: contract.is_serving(channel), PATIENCE_S)

    def test_takes_connections_again_after_the_wait_for_them_failed(self):
        # poll(2): EINVAL while it is to wait for more descriptors than the process may have.
        with Daemon([SIMULATE]) as daemon:
            limits = resource.prlimit(daemon.process.pid, resource.RLIMIT_NOFILE)
            resource.prlimit(daemon.process.pid, resource.RLIMIT_NOFILE, (1, limits[1]))
            with open_channel(daemon.readonly_socket) as channel:
                contract.is_serving(channel)
                daemon.wait_for_log("cannot wait for connections: Invalid argument")
                resource.prlimit(daemon.process.pid, resource.RLIMIT_NOFILE, limits)
                wait_for("service", lambda: contract.is_serving(channel), PATIENCE_S)

    def test_a_tcp_endpoint_outlives_running_out_of_descriptors(self):
        address = ("127.0.0.1", free_port())
        flags = [SIMULATE, f"--plaintext_address=127.0.0.1:{address[1]}"]
        with FewDescriptorsDaemon(flags) as daemon:
            idle = [socket.create_connection(address) for _ in range(500)]
            daemon.wait_for_log("Too many open files")
            with grpc.insecure_channel(f"127.0.0.1:{address[1]}") as channel:
                self.check_waits_for(idle, channel, daemon.process.pid)

    def test_serves_and_defines_though_its_log_cannot_be_written(self):
        for where in ("/dev/full", "a pipe that nobody reads from"):
            with self.subTest(where), tempfile.TemporaryDirectory() as folder:
                reader = None
                if where == "/dev/full":
                    log = os.open(where, os.O_WRONLY)
                else:
                    reader, log = os.pipe()
                    os.close(reader)
                process = subprocess.Popen(
                    ["setpriv", "--pdeathsig", "KILL", program(), SIMULATE, "--readonly_socket=",
                     f"--operator_socket={folder}/op.sock"], stderr=log)
                os.close(log)
                try:
                    with open_channel(f"{folder}/op.sock") as channel:
                        wait_for("service", lambda: contract.is_serving(channel), PATIENCE_S)
                        host = contract.HostServiceStub(channel)
                        answer = host.DefineTdxDomain(definition(1), timeout=PATIENCE_S)
                        self.assertTrue(answer.running)
                finally:
                    process.terminate()
                self.assertEqual(process.wait(PATIENCE_S), 0)


class ClientLibraryTest(unittest.TestCase):
    """libvirt's client library cannot be loaded, or is too old."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="ccplace-library-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        (self.folder / "libvirt.so.0").write_text("no library")
        self.environment = {**os.environ, "LD_LIBRARY_PATH": str(self.folder)}

    def test_a_start_without_it_fails_and_says_what_to_install(self):
        self.assert_no_start("libvirt.so.0")

    def test_a_start_with_one_that_lacks_functions_fails_and_says_what_to_install(self):
        subprocess.run(["cc", "-shared", "-x", "c", "/dev/null", "-o", "libvirt.so.0"],
                       cwd=self.folder, check=True)
        self.assert_no_start("undefined symbol: vir")

    def assert_no_start(self, why):
        done = subprocess.run(
            [program(), f"--operator_socket={self.folder}/op.sock", "--readonly_socket="],
            env=self.environment, capture_output=True, text=True, timeout=PATIENCE_S, check=False)
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertIn("install Debian's libvirt0", done.stderr)
        self.assertIn(why, done.stderr)
        self.assertFalse((self.folder / "op.sock").exists())

    def test_a_simulated_host_does_without_it(self):
        with LibrariesDaemon(self.folder) as daemon:
            self.assertTrue(daemon.call("HostCapabilities").simulated)
            daemon.hang_up()
            self.assertEqual(daemon.end(signal.SIGTERM), 0)


class ClockTest(unittest.TestCase):
    SECONDS = {"+3650d": 3650 * 86400, "-3650d": -3650 * 86400, "+1h": 3600, "+0": 0}

    def test_serves_and_defines_while_the_wall_clock_jumps(self):
        with ElsewhenDaemon([SIMULATE, "--refresh_interval=1s"]) as daemon:
            with daemon.watching() as watch:
                self.assertFalse(next(watch).freshness.stale)
                for number, offset in enumerate(("+3650d", "-3650d", "+1h", "+0")):
                    with self.subTest(offset):
                        daemon.jump(offset)
                        answer = daemon.call("HostCapabilities")
                        self.assertFalse(answer.freshness.stale, answer.freshness)
                        self.assertLess(answer.freshness.hypervisor.age_ms, 10_000)
                        self.assertTrue(daemon.call("DefineTdxDomain", definition(number)).running)
                        daemon.refreshed()
                        self.assertLess(
                            abs(self.offset_seconds(daemon) - self.SECONDS[offset]), 60)
                for state in watch:
                    self.assertFalse(state.freshness.stale, state.freshness)
                    if state.tdx_keys.defined.value == len(self.SECONDS):
                        break

    def offset_seconds(self, daemon):
        """How far the time of the latest reading is from the time outside."""
        read_at = daemon.call("HostCapabilities").freshness.hypervisor.read_at
        return read_at.seconds - time.time()


class CallerTest(unittest.TestCase):
    def test_closes_a_connection_that_says_a_byte_at_a_time_and_serves_the_others(self):
        preface = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\0\0\0\4\0\0\0\0\0"
        with Daemon([SIMULATE, "--keepalive_timeout=1s"]) as daemon:
            slow = connect(daemon.readonly_socket)
            self.addCleanup(slow.close)
            slow.settimeout(0.2)
            closed = False
            for byte in preface * 10:
                self.assertTrue(daemon.call("HostCapabilities").capabilities.models)
                with contextlib.suppress(TimeoutError):
                    try:
                        slow.send(bytes([byte]))
                        closed = slow.recv(1) == b""
                    except (BrokenPipeError, ConnectionResetError):
                        closed = True
                if closed:
                    break
            self.assertTrue(closed)

    def test_drops_a_watcher_that_stopped_long_after_it_fell_quiet(self):
        watch = ("import sys; sys.path.insert(0, sys.argv[1])\n"
                 "from harness import contract, daemon\n"
                 "host = contract.HostServiceStub(daemon.open_channel(sys.argv[2]))\n"
                 "for state in host.WatchHost(contract.v1.WatchHostRequest()):\n"
                 "    print('watching', flush=True)\n")
        with Daemon([SIMULATE, "--keepalive_interval=300ms", "--keepalive_timeout=3s"]) as daemon:
            before = sockets_of(daemon.process.pid)
            client = subprocess.Popen(
                [sys.executable, "-c", watch, LAB, str(daemon.readonly_socket)],
                stdout=subprocess.PIPE, text=True)
            try:
                self.assertEqual(client.stdout.readline(), "watching\n")
                time.sleep(3)  # Asked for a sign of life ten times by now.
                self.assertEqual(sockets_of(daemon.process.pid), before + 1)
                client.send_signal(signal.SIGSTOP)
                wait_for("end of a stopped watcher's place", lambda: sockets_of(daemon.process.pid),
                         PATIENCE_S, lambda count: count == before)
            finally:
                client.kill()
                client.communicate()

    def test_serves_a_caller_that_was_silent_between_its_calls(self):
        with Daemon([SIMULATE, "--keepalive_interval=300ms", "--keepalive_timeout=300ms"]) as daemon:
            for _ in range(4):
                time.sleep(1)  # Python's gRPC answers nobody while it has no call.
                daemon.call("TdxInventory")

    def test_gives_its_sockets_the_owner_group_and_mode_asked_for(self):
        uid, gid = (65534, 65534) if os.geteuid() == 0 else (os.getuid(), os.getgid())
        with Daemon([SIMULATE, f"--operator_socket_owner={uid}", f"--operator_socket_group={gid}",
                     "--operator_socket_mode=0600", "--readonly_socket_mode=0640"]) as daemon:
            made = os.stat(daemon.socket)
            self.assertEqual((made.st_uid, made.st_gid, made.st_mode & 0o777), (uid, gid, 0o600))
            self.assertEqual(os.stat(daemon.readonly_socket).st_mode & 0o777, 0o640)

    def test_counts_the_refusals_of_a_caller_that_it_gives_no_line_each(self):
        with Daemon([SIMULATE]) as daemon:
            daemon.use(daemon.readonly_socket)
            for number in range(100):
                refused = daemon.refusal("DefineTdxDomain", definition(number))
                self.assertEqual(refused.code, "PERMISSION_DENIED")
            daemon.hang_up()
            daemon.end(signal.SIGTERM)
            refusals = [line for line in daemon.audit() if line["what"] == "refused"]
            single = [line for line in refusals if line["rpc"] == "DefineTdxDomain"]
            kept_back = [int(line["message"].split(" more calls")[0]) for line in refusals
                         if line["rpc"] == "several"]
            self.assertGreaterEqual(len(single), 20)
            self.assertEqual(definition(0).domain.uuid, single[0]["uuid"])
            self.assertGreater(sum(kept_back), 0)
            self.assertEqual(len(single) + sum(kept_back), 100)


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_NOFILE,
                       (min(4096, resource.getrlimit(resource.RLIMIT_NOFILE)[1]),) * 2)
    unittest.main(verbosity=2)
