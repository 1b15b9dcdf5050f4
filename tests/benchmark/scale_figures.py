"""Figures of many: watchers of one daemon, domains on one host (simulated)."""

import pathlib
import statistics
import sys
import time

from server import figures_of, reads

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "lab"))

from harness.contract import v1  # noqa: E402
from harness.daemon import Daemon  # noqa: E402
from harness.trust_domains import IMAGES, domain_request  # noqa: E402

WATCHERS = 1000
DOMAINS = 1000
# Longer than the distance that readings for callers keep.
REST_SECONDS = 0.3
TURNS = 21
ROUNDS = 5  # Of each read, on each host, in each turn.
READS = ("HostCapabilities", "TdxInventory")


def add(table, calls):
    """Adds the rows of many to `table`; `calls` of each load."""
    _watchers(table)
    _domains(table, calls)


def _watchers(table):
    with Daemon(["--simulate"]) as daemon:
        out = figures_of("watch_benchmark", f"unix:{daemon.socket}", str(WATCHERS),
                         str(daemon.process.pid))
    if not out["all_heard"]:
        raise RuntimeError("not every watcher heard of every change")
    table.add(f"{WATCHERS} watchers: a change, until all have heard", out["change_ms"], "ms")
    table.add(f"{WATCHERS} watchers: a change, the daemon's processor time",
              out["processor_ms"], "ms")
    table.add(f"{WATCHERS} watchers: memory of each", out["kib_each"], "KiB")


def _domains(table, calls):
    """A host without domains beside one with many, in turn."""
    with Daemon(["--simulate"]) as empty, Daemon(["--simulate"]) as full:
        for _ in range(DOMAINS):
            full.call("DefineTdxDomain", domain_request(f"{IMAGES}/demo.raw"))
        table.add(f"reading the host anew, {DOMAINS} domains", _refresh_ms(full), "ms")
        table.add("reading the host anew, no domain", _refresh_ms(empty), "ms")
        for name in READS:
            ratio = statistics.fmean(
                _throughput(full, name, calls) / _throughput(empty, name, calls)
                for _ in range(TURNS))
            table.add(f"{name}, {DOMAINS} domains: throughput, to none", ratio, "", (">=", 0.95))


def _refresh_ms(daemon):
    took = []
    for _ in range(21):
        time.sleep(REST_SECONDS)
        begun = time.perf_counter()
        daemon.call("HostCapabilities", v1.HostCapabilitiesRequest(refresh=True))
        took.append((time.perf_counter() - begun) * 1000)
    return statistics.median(took)


def _throughput(daemon, name, calls):
    return reads(daemon, name, calls, ROUNDS)["calls_per_second_at_64"]
