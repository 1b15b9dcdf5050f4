"""Figures that need real libvirt: the lab's host, and the built ccplaced on it."""

import pathlib
import statistics
import sys
import time

from server import ECHO, echo, figures_of, reads, resident_mib

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests" / "lab"), str(ROOT / "tests" / "support")]

import harness  # noqa: E402
import waiting  # noqa: E402
from harness.daemon import Daemon  # noqa: E402
from harness.trust_domains import make_disk  # noqa: E402

READS = ("HostCapabilities", "TdxInventory")
STOPS = 9
ROUNDS = 40  # Of each RPC, in each state, for each stop.
STOPPED_FIGURES = (("calls_per_second_at_64", "throughput, 64 in flight", (">=", 0.95)),
                   ("p99_us_at_64", "p99, 64 in flight", ("<=", 1.2)),
                   ("p99_us_at_1", "p99, 1 in flight", ("<=", 1.2)))
SETTLE_SECONDS = 30


def add(table, calls):
    """Adds the lab's rows to `table`; `calls` of each load."""
    with harness.Lab("full") as lab:
        with Daemon.on(lab, "--refresh_interval=10s") as daemon:
            _memory(table, daemon)
            _define(table, lab, daemon)
        _question(table, lab)
        with Daemon.on(lab, "--refresh_interval=1s") as daemon:
            _reads_while_stopped(table, lab, daemon, calls)


def _memory(table, daemon):
    """With libvirt's client loaded, which is what a daemon on a real host adds most."""
    daemon.call("HostCapabilities")
    with echo(daemon.folder) as bare:
        with echo(daemon.folder, f"{ECHO}_with_libvirt") as loaded:
            time.sleep(1)
            ours = resident_mib(daemon.process.pid)
            table.add("resident memory, on libvirt", ours, "MiB")
            table.add("resident memory, on libvirt, to echo", ours / bare.resident_mib(), "")
            table.add("resident memory, on libvirt, to an echo that loads libvirt",
                      ours / loaded.resident_mib(), "")


def _define(table, lab, daemon):
    out = figures_of("define_benchmark", f"unix:{daemon.socket}", lab.uri, make_disk(lab),
                     str(ECHO))
    careful = out["careful_ms"] + out["echo_ms"]
    table.add("libvirt alone: definition, validated", out["raw_ms"], "ms")
    table.add("libvirt alone: the same with a look-up and XML read back", out["careful_ms"], "ms")
    table.add("a bare echo at the same pace", out["echo_ms"], "ms")
    table.add("reading the host anew", out["refresh_ms"], "ms")
    table.add("DefineTdxDomain, alone, to libvirt's definition", out["rpc_ms"] / out["raw_ms"], "")
    table.add("DefineTdxDomain, alone, to definition with look-up and read-back, and a bare echo",
              out["rpc_ms"] / careful, "")
    table.add("DefineTdxDomain, one after another, to libvirt's definition, one after another",
              out["in_turn_ratio"], "")
    table.add("libvirt alone: definition, 4 in flight", out["raw_in_flight_ms"], "ms")
    table.add("DefineTdxDomain, 4 in flight, to libvirt's definition, 4 in flight",
              out["in_flight_ratio"], "", ("<=", 1.05))


def _question(table, lab):
    """The translation that firmware is asked by, beside libvirt's own client."""
    out = figures_of("question_benchmark", lab.uri)
    table.add("libvirt alone: a domain translated", out["raw_ms"], "ms")
    table.add("a question for firmware, to libvirt's own translation", out["ratio"], "",
              ("<=", 1.1))


def _reads_while_stopped(table, lab, daemon, calls):
    """Loads before each stop, and again once the daemon knows that libvirtd does not answer."""
    running = {name: [] for name in READS}
    stopped = {name: [] for name in READS}
    for _ in range(STOPS):
        _wait_until_stale(daemon, False)
        _load(daemon, calls, running)
        with lab.paused():
            _wait_until_stale(daemon, True)
            _load(daemon, calls, stopped)
    for name in READS:
        for figure, what, bound in STOPPED_FIGURES:
            ratio = _mean(stopped[name], figure) / _mean(running[name], figure)
            table.add(f"{name} while libvirtd is stopped: {what}, to while it runs", ratio, "",
                      bound)


def _wait_until_stale(daemon, stale):
    waiting.wait_for(f"{'stale' if stale else 'fresh'} facts",
                     lambda: daemon.call("HostCapabilities").freshness.stale == stale,
                     SETTLE_SECONDS)


def _load(daemon, calls, results):
    for name in READS:
        results[name].append(reads(daemon, name, calls, ROUNDS))


def _mean(results, figure):
    return statistics.fmean(result[figure] for result in results)
