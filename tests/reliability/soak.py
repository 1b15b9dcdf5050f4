"""Mixed load on a simulated ccplaced while callers misbehave; then: is anything left over?

usage: CCPLACED=PROGRAM soak.py [--seconds N]     (default 600)

Readers, validators, watchers and definers call without pause, each answer is checked, and
meanwhile callers are killed in the middle of a call, connect by the hundred, speak nonsense, fall
silent, and the daemon gets SIGHUP. Prints its figures and fails when an answer was wrong, when
memory grew on, or when a descriptor, a domain or a key was left behind.
"""

import argparse
import collections
import contextlib
import os
import pathlib
import random
import signal
import socket
import subprocess
import sys
import threading
import time

TESTS = pathlib.Path(__file__).resolve().parents[1]
LAB = str(TESTS / "lab")
sys.path[:0] = [LAB, str(TESTS / "reliability" / "helpers")]

import grpc  # noqa: E402

from harness import contract  # noqa: E402
from harness.contract import v1  # noqa: E402
from harness.daemon import Daemon, open_channel  # noqa: E402
from requests_to_simulated import definition  # noqa: E402

KEYS = 63
WARM_UP = 0.3  # Of the run: allocators and caches fill.
RSS_GROWTH_LIMIT_KIB = 3 * 1024
DEFINERS = 3
KILLED_CALLER = """
import sys
sys.path.insert(0, sys.argv[1])
from harness import contract, daemon
host = contract.HostServiceStub(daemon.open_channel(sys.argv[2]))
watch = host.WatchHost(contract.v1.WatchHostRequest())
print(next(watch).simulated, flush=True)
while True:
    host.HostCapabilities(contract.v1.HostCapabilitiesRequest(refresh=True))
"""


class Soak:
    """The load's threads, and what they counted. `wrong` holds every answer that was not right."""

    def __init__(self, daemon, seconds):
        self.daemon = daemon
        self.end = time.monotonic() + seconds
        self.counts = collections.Counter()
        self.wrong = []

    def going(self):
        return time.monotonic() < self.end and len(self.wrong) < 10

    def check(self, right, what):
        self.counts[what] += 1
        if not right:
            self.wrong.append(what)

    def run(self, work, *args):
        """A thread that does `work` again and again; an exception is a wrong answer."""
        def loop():
            while self.going():
                try:
                    work(*args)
                except Exception as error:  # Whatever it is, it is told at the end.
                    self.wrong.append(f"{work.__name__}: {error!r}")

        thread = threading.Thread(target=loop, name=work.__name__)
        thread.start()
        return thread

    def read(self, host):
        keys = host.TdxInventory(v1.TdxInventoryRequest(), timeout=60).keys
        self.check(keys.total.value == KEYS and is_right(keys), "inventory")
        answer = host.HostCapabilities(v1.HostCapabilitiesRequest(), timeout=60)
        self.check(answer.simulated and len(answer.capabilities.models) == 4, "capabilities")

    def validate(self, host):
        asked = definition(1)
        request = v1.ValidateRequestRequest(flavor=asked.flavor, image=asked.image)
        answer = host.ValidateRequest(request, timeout=60)
        self.check(answer.decision == v1.DECISION_ACCEPTED, "accepted")
        request.image.properties["hw_machine_type"] = "pc"
        answer = host.ValidateRequest(request, timeout=60)
        self.check(answer.decision == v1.DECISION_REJECTED, "rejected")

    def define(self, host, number):
        request = definition(number)
        made = host.DefineTdxDomain(request, timeout=60)
        self.check(made.running and not made.already_defined, "define")
        again = host.DefineTdxDomain(request, timeout=60)
        self.check(again.running and again.already_defined, "define again")
        listed = host.ListTdxDomains(v1.ListTdxDomainsRequest(), timeout=60).domains
        self.check(request.domain.uuid in [domain.uuid for domain in listed], "listed")
        keys = host.TdxInventory(v1.TdxInventoryRequest(), timeout=60).keys
        self.check(min(count.value for count in (keys.defined, keys.running, keys.in_use)) >= 1,
                   "its key counted")
        removal = v1.UndefineTdxDomainRequest(uuid=request.domain.uuid, stop=True)
        gone = host.UndefineTdxDomain(removal, timeout=60)
        self.check(gone.stopped and not gone.already_gone, "undefine")

    def watch(self, host):
        call = host.WatchHost(v1.WatchHostRequest(), timeout=10)
        try:
            for _ in range(random.randint(1, 20)):
                self.check(next(call).tdx_keys.total.value == KEYS, "watched")
        except grpc.RpcError:
            if self.going():  # Else nothing changes any more.
                raise
        call.cancel()

    def storm(self, path):
        clients = []
        for _ in range(100):
            client = socket.socket(socket.AF_UNIX)
            client.connect(str(path))
            clients.append(client)
        for number, client in enumerate(clients):
            with contextlib.suppress(OSError):
                client.sendall((b"", b"PRI * HTTP/2.0\r\n\r\n", os.urandom(64))[number % 3])
        for client in clients:
            client.close()
        self.counts["connection dropped"] += len(clients)
        time.sleep(0.5)

    def kill_caller(self, path):
        caller = subprocess.Popen([sys.executable, "-c", KILLED_CALLER, LAB, str(path)],
                                  stdout=subprocess.PIPE, text=True)
        try:
            self.check(caller.stdout.readline() == "True\n", "caller killed")
        finally:
            caller.kill()
            caller.communicate()

    def hang_up(self):
        self.daemon.process.send_signal(signal.SIGHUP)
        self.counts["SIGHUP"] += 1
        time.sleep(1)


def is_right(keys):
    """What can be while each definer has one domain at most."""
    taken = (keys.defined, keys.running, keys.in_use)
    return (keys.free.value + keys.in_use.value == KEYS
            and all(count.value <= DEFINERS for count in taken))


def rss_kib(pid):
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1])
    raise AssertionError("no VmRSS")


def descriptors(pid):
    return len(os.listdir(f"/proc/{pid}/fd"))


def slope(samples):
    """KiB a minute, by least squares over (seconds, KiB)."""
    count = len(samples)
    mean_x = sum(x for x, _ in samples) / count
    mean_y = sum(y for _, y in samples) / count
    spread = sum((x - mean_x) ** 2 for x, _ in samples)
    return 60 * sum((x - mean_x) * (y - mean_y) for x, y in samples) / spread


def by_part(samples, parts=7):
    """The middle of each part in KiB: what leaks goes on growing, what fills up does not."""
    size = max(1, len(samples) // parts)
    return [sorted(kib for _, kib in samples[at:at + size])[size // 2]
            for at in range(0, size * (len(samples) // size), size)]


def load(soak, daemon, channels):
    """Starts every thread of the load."""
    hosts = [contract.HostServiceStub(channel) for channel in channels]
    threads = [soak.run(soak.read, hosts[0]), soak.run(soak.validate, hosts[1])]
    threads += [soak.run(soak.define, host, number) for number, host in enumerate(hosts[:DEFINERS])]
    threads += [soak.run(soak.watch, host) for host in hosts]
    threads += [soak.run(soak.storm, daemon.readonly_socket),
                soak.run(soak.kill_caller, daemon.readonly_socket), soak.run(soak.hang_up)]
    return threads


def sample(soak, pid, seconds):
    """Memory over time, past the warm-up, until the load ends."""
    begin = time.monotonic()
    samples = []
    while soak.going():
        time.sleep(min(1.0, seconds / 20))
        if time.monotonic() - begin > WARM_UP * seconds:
            samples.append((time.monotonic() - begin, rss_kib(pid)))
    return samples


def left_over(daemon, before):
    """Descriptors past those before, domains, and keys in use, once the callers are gone."""
    deadline = time.monotonic() + 30
    while True:
        keys = daemon.call("TdxInventory").keys
        taken = (keys.in_use, keys.defined, keys.running, keys.unaccounted)
        found = (descriptors(daemon.process.pid) - before,
                 len(daemon.call("ListTdxDomains").domains),
                 KEYS - keys.free.value + sum(count.value for count in taken))
        if not any(found) or time.monotonic() > deadline:
            return found
        time.sleep(0.2)


def soak(seconds):
    with Daemon(["--simulate", "--log_level=error"]) as daemon:
        pid = daemon.process.pid
        daemon.call("TdxInventory")
        before = descriptors(pid)
        run = Soak(daemon, seconds)
        with contextlib.ExitStack() as stack:
            channels = [stack.enter_context(open_channel(daemon.socket)) for _ in range(4)]
            threads = load(run, daemon, channels)
            samples = sample(run, pid, seconds)
            for thread in threads:
                thread.join()
        left = left_over(daemon, before)
        code = daemon.end(signal.SIGTERM)
    growth = samples[-1][1] - samples[0][1] if samples else 0
    for what, count in sorted(run.counts.items()):
        print(f"{what:20} {count}")
    print(f"seconds {seconds}; RSS {samples[0][1]} -> {samples[-1][1]} KiB, "
          f"in parts {by_part(samples)}, slope {slope(samples):.1f} KiB/min; left over: {left[0]} descriptors, "
          f"{left[1]} domains, {left[2]} keys; exit code {code}; {len(run.wrong)} wrong")
    for what in run.wrong:
        print("wrong:", what)
    return not run.wrong and growth < RSS_GROWTH_LIMIT_KIB and not any(left) and code == 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=600)
    sys.exit(0 if soak(parser.parse_args().seconds) else 1)
