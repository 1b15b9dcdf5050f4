"""The programs that are measured, and what they take."""

import json
import pathlib
import signal
import socket
import subprocess
import time

import grpc

PROGRAMS = (pathlib.Path(__file__).resolve().parents[2] / "build" / "release" / "tests"
            / "benchmark" / "rpc")
ECHO = PROGRAMS / "echo_server"
ECHO_METHOD = "/ccplace.benchmark.EchoService/Echo"
_ANSWER_BYTES = 600


def resident_mib(pid):
    """Memory of a process that is resident now."""
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise RuntimeError(f"process {pid} says nothing of its memory")


def figures_of(program, *arguments):
    """What a program of this folder measured: the JSON that it prints."""
    done = subprocess.run([str(PROGRAMS / program), *arguments], check=True,
                          stdout=subprocess.PIPE, text=True)
    return json.loads(done.stdout)


def reads(daemon, name, calls, rounds):
    """What rounds of a load of one read came to; a call that failed ends the run."""
    out = figures_of("rpc_load", f"unix:{daemon.socket}", f"/ccplace.v1.HostService/{name}",
                     str(calls), str(rounds))
    if out["failed"]:
        raise RuntimeError(f"{name}: {out['failed']} calls failed")
    return out


class Server:
    """A server process on a unix socket, for as long as the with block lasts."""

    def __init__(self, arguments, sock, method):
        self.arguments, self.socket, self.method = arguments, sock, method
        self.first_answer_ms = None

    def __enter__(self):
        begun = time.monotonic()
        self.process = subprocess.Popen(self.arguments, stdout=subprocess.DEVNULL,
                                        stderr=subprocess.DEVNULL)
        while not self.accepts():
            if time.monotonic() - begun > 20 or self.process.poll() is not None:
                raise RuntimeError(f"{self.arguments[0]} did not come up")
            time.sleep(0.001)
        with grpc.insecure_channel(f"unix:{self.socket}") as channel:
            channel.unary_unary(self.method)(b"", timeout=20)
        self.first_answer_ms = (time.monotonic() - begun) * 1000
        return self

    def accepts(self):
        with socket.socket(socket.AF_UNIX) as probe:
            return probe.connect_ex(self.socket) == 0

    def resident_mib(self):
        return resident_mib(self.process.pid)

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(timeout=30)
        pathlib.Path(self.socket).unlink(missing_ok=True)


def echo(folder, program=ECHO):
    """The bare echo, or another build of it, on a socket in `folder`."""
    sock = f"{folder}/{pathlib.Path(program).name}.sock"
    return Server([str(program), f"unix:{sock}", str(_ANSWER_BYTES)], sock, ECHO_METHOD)
