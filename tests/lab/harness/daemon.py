"""Starts the built ccplaced for tests, and ends it whatever happens."""

import contextlib
import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile

import grpc

from harness import contract
from harness.contract import v1

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "support"))
from waiting import wait_for, wait_for_program  # noqa: E402

READY_SECONDS = 30
CALL_SECONDS = 60
WATCH_SECONDS = 240  # While a host is led through several changes.
LONGEST_ANSWER_BYTES = 64 << 20


BUILD = pathlib.Path(__file__).resolve().parents[3] / "build/release"


def program():
    """The ccplaced under test: $CCPLACED, else the release build's."""
    return os.environ.get("CCPLACED", str(BUILD / "server/ccplaced"))


def tool():
    """The ccplacectl under test: $CCPLACECTL, else the release build's."""
    return os.environ.get("CCPLACECTL", str(BUILD / "client/ccplacectl"))


class Refusal(Exception):
    """A call that ended with an error: code, message, reason, fields and retry."""

    def __init__(self, error):
        super().__init__(f"{error.code()}: {error.details()}")
        details = contract.details_of(error)
        self.code = error.code().name
        self.message = error.details()
        self.reason = details["ErrorInfo"].reason if "ErrorInfo" in details else ""
        violations = details["BadRequest"].field_violations if "BadRequest" in details else []
        self.fields = {violation.field: violation.description for violation in violations}
        self.retry = "RetryInfo" in details


class Daemon:
    """A running ccplaced; a context manager. Not thread-safe, but for its calls.

    flags: on top of those that tie it to its sockets.
    """

    def __init__(self, flags=()):
        self._flags = list(flags)
        self._temporary = tempfile.TemporaryDirectory(prefix="ccplaced-")
        self.folder = pathlib.Path(self._temporary.name)
        self.process = None
        self._channel = None

    @classmethod
    def on(cls, lab, *flags):
        """A daemon on a lab's host; reads it anew often, for tests to be quick."""
        return cls([f"--libvirt_uri={lab.uri}", f"--host_root={lab.host_root}",
                    "--node_name=lab", "--refresh_interval=1s", *flags])

    @property
    def socket(self):
        return self.folder / "operator.sock"

    @property
    def readonly_socket(self):
        return self.folder / "readonly.sock"

    def __enter__(self):
        try:
            self.start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        self.hang_up()
        self.end(signal.SIGTERM)
        self._temporary.cleanup()

    def start(self):
        """Starts the program, again after `end`; returns once it serves."""
        with open(self.folder / "log", "ab") as log:
            self.process = subprocess.Popen(
                [*self.command(), f"--operator_socket={self.socket}",
                 f"--readonly_socket={self.readonly_socket}", *self._flags],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        self.use(self.socket)
        wait_for_program(self.process, lambda: contract.is_serving(self._channel), READY_SECONDS,
                         self.log)

    def command(self):
        """The program, and what it runs under; it ends with this process."""
        return ["setpriv", "--pdeathsig", "KILL", program()]

    def use(self, socket):
        """Calls go to that socket from here on."""
        self.hang_up()
        self._channel = open_channel(socket)
        self.host = contract.HostServiceStub(self._channel)

    def hang_up(self):
        """Ends the connection that calls go over. A daemon that stops gives one that is open a
        second: Python looks at it once in five while no call is under way."""
        if self._channel is not None:
            self._channel.close()
            self._channel = None

    def end(self, number):
        """Sends a signal and waits for the end; the exit code, None without one."""
        if self.process is None:
            return None
        if self.process.poll() is None:
            self.process.send_signal(number)
        code = self.process.wait(timeout=60)
        self.process = None
        return code

    def log(self):
        """Everything it wrote to standard output and error."""
        return (self.folder / "log").read_text(errors="replace")

    def wait_for_log(self, text):
        wait_for(f"{text!r} in the log", self.log, READY_SECONDS, lambda log: text in log)

    def audit(self):
        """The audit's lines, parsed."""
        lines = [line for line in self.log().splitlines() if "[audit]" in line]
        return [json.loads(line[line.index("{"):]) for line in lines]

    def call(self, name, request=None, seconds=CALL_SECONDS):
        """Calls an RPC with its own name; raises Refusal."""
        if request is None:
            request = getattr(v1, f"{name}Request")()
        try:
            return getattr(self.host, name)(request, timeout=seconds)
        except grpc.RpcError as error:
            raise Refusal(error) from None

    def ctl(self, *arguments, code=0):
        """What ccplacectl says in JSON, where it ends with that exit code."""
        done = subprocess.run([tool(), "-o", "json", "--address", f"unix:{self.socket}", *arguments],
                              capture_output=True, text=True, check=False)
        if done.returncode != code:
            raise AssertionError(f"exit code {done.returncode}: {done.stderr}")
        return json.loads(done.stdout)

    def refusal(self, name, request=None, seconds=CALL_SECONDS):
        """The Refusal of a call that must not succeed."""
        try:
            answer = self.call(name, request, seconds)
        except Refusal as refusal:
            return refusal
        raise AssertionError(f"{name} succeeded:\n{answer}")

    @contextlib.contextmanager
    def watching(self):
        """WatchHost, as an iterator of answers that ends with the block."""
        call = self.host.WatchHost(v1.WatchHostRequest(), timeout=WATCH_SECONDS)
        try:
            yield call
        finally:
            call.cancel()

    def refreshed(self):
        """HostCapabilities read anew."""
        return self.call("HostCapabilities", v1.HostCapabilitiesRequest(refresh=True))


def open_channel(socket):
    return grpc.insecure_channel(
        f"unix:{socket}",
        options=[("grpc.max_receive_message_length", LONGEST_ANSWER_BYTES),
                 ("grpc.max_send_message_length", LONGEST_ANSWER_BYTES),
                 # gRPC's own second would be longer than a daemon takes to start.
                 ("grpc.initial_reconnect_backoff_ms", 100)])
